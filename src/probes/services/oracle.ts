/**
 * Whether an Oracle database lets a user in and answers the statement in `request` with a row. `database` is the SID.
 * The package `oracledb` is large and has its own licence, so that it is installed by those who need it.
 */

import net from 'node:net';
import type { Connection } from 'oracledb';
import { answer, concealSecrets, type Phase, ProbeFailure, printable } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { withSocketsOf } from '../sockets/opened-sockets.js';
import { judgeRows, statementOf } from '../wire/sql.js';

export function probeOracle(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(async () => {
    const statement = statementOf(check);
    const connectString = describe(check);
    const { default: oracledb } = await import('oracledb');
    return withSocketsOf(signal, async (sockets) => {
      try {
        const connection = await oracledb.getConnection({ user: check.login, password: check.passwd, connectString });
        sockets.phase = 'query';
        return await ask(connection, statement);
      } catch (error) {
        throw error instanceof ProbeFailure ? error : explain(error, sockets.phase, check);
      }
    });
  });
}

/**
 * A connect descriptor, Oracle Net Services Reference, chapter 6. Throws a ProbeFailure where the database is none:
 * a parenthesis in it would lead to another address.
 */
function describe({ address, port, database, negotiateTimeout }: Check): string {
  if (net.isIP(address) === 0) throw new ProbeFailure('connect', 'no address to connect to');
  if (!/^[\w.$#-]+$/.test(database)) {
    throw new ProbeFailure('request', `"${printable(database)}" is no SID: set database`);
  }
  // The library's clocks are set to ring after ours; it destroys its socket then.
  const seconds = Math.ceil(negotiateTimeout / 1000) + 1;
  const timeouts = `(CONNECT_TIMEOUT=${seconds})(TRANSPORT_CONNECT_TIMEOUT=${seconds})(RETRY_COUNT=0)`;
  const server = `(ADDRESS=(PROTOCOL=TCP)(HOST=${address})(PORT=${port}))`;
  return `(DESCRIPTION=${timeouts}${server}(CONNECT_DATA=(SID=${database})))`;
}

async function ask(connection: Connection, statement: string): Promise<string> {
  // As the reference's driver does, a change counts at once.
  const options = { autoCommit: true, maxRows: 1, fetchArraySize: 1, prefetchRows: 1 };
  const { rows, rowsAffected = 0 } = await connection.execute(statement, [], options);
  const reason = judgeRows(rows?.length ?? rowsAffected);
  await connection.close();
  return reason;
}

/** The library's errors begin with their code: ORA for those of the server, NJS for its own. */
function explain(error: unknown, phase: Phase, { passwd }: Check): ProbeFailure {
  const { code = '', message = '' } = error as { readonly code?: string; readonly message?: string };
  if (lost.has(code)) return new ProbeFailure(phase, 'closed by the server');
  // Without the number of the attempt and the page on the web, which say nothing here.
  const said = concealSecrets(message.replace(/ \(CONNECTION_ID=[^)]*\)/, '').replace(/^Help: .*/m, ''), [passwd]);
  return new ProbeFailure(phase, code.startsWith('ORA-') ? `the server says "${said}"` : said);
}

/** Connection closed or broken; end of file in the middle. */
const lost: ReadonlySet<string> = new Set(['NJS-500', 'NJS-521']);
