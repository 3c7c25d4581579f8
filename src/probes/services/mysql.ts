/** Up means: `login` gets into `database`, where one is set, and the statement in `request` finds or changes a row. */

import { type Connection, type ConnectionOptions, createConnection, type QueryError } from 'mysql2';
import { answer, concealSecrets, type Phase, ProbeFailure } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { withConnection } from '../sockets/dial.js';
import { type LentStream, lend } from '../sockets/lent-stream.js';
import { ed25519Plugin, signEd25519 } from '../wire/mariadb-ed25519.js';
import { judgeRows, plainAtFirst, statementOf } from '../wire/sql.js';

export function probeMysql(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(async () => {
    const statement = statementOf(check);
    return withConnection(plainAtFirst(check), signal, (connection) =>
      lend(connection, 'greeting', signal, async (stream) => {
        const client = createConnection(optionsOf(check, stream));
        client.on('error', (error: unknown) => stream.fail(explain(error, stream.phase, check)));
        await login(client, stream);
        stream.phase = 'query';
        try {
          return judgeRows(await rowsOf(client, statement, stream));
        } catch (error) {
          throw error instanceof ProbeFailure ? error : explain(error, stream.phase, check);
        } finally {
          // Without a farewell the server would log an aborted connection.
          client.end();
        }
      }),
    );
  });
}

function optionsOf({ login: user, passwd, database, tls }: Check, stream: LentStream): ConnectionOptions {
  return {
    stream,
    user,
    password: passwd,
    ...(database !== '' && { database }),
    ...(tls !== null && { ssl: {} }),
    // The signal is the only clock.
    connectTimeout: 0,
    // It would compile a function for the columns of each answer.
    disableEval: true,
    // Room for its default of 16,000 would cost more than the rest of the check; it prepares none.
    maxPreparedStatements: 1,
    // No server may ask for a file of this machine.
    flags: ['-LOCAL_FILES'],
    authPlugins: { [ed25519Plugin]: () => (said) => signEd25519(passwd, said) },
  };
}

/** Resolves when the user is in; where that fails, the client emits an error. */
function login(client: Connection, stream: LentStream): Promise<void> {
  // Thrown among the listeners of the stream: else it writes a line to standard error for each packet out of order.
  client.on('warn', (error: unknown) => {
    throw error;
  });
  // TLS of its own would know nothing of authorities, names and days.
  Object.assign(client, {
    startTLS: (done: () => void) => void stream.upgrade().then(done, (error: unknown) => stream.fail(error)),
  });
  return new Promise((resolve) => {
    client.once('connect', () => {
      // What comes with the greeting would count as said under TLS.
      if (stream.phase === 'tls') stream.fail(new ProbeFailure('tls', 'the server goes on in plain text'));
      else resolve();
    });
  });
}

/** Rows found or changed; of those found, the first is enough, and of a large one its beginning. */
function rowsOf(client: Connection, statement: string, stream: LentStream): Promise<number> {
  return new Promise((resolve, reject) => {
    let found = false;
    let changed = 0;
    client
      .query(statement)
      .on('fields', (fields: unknown) => {
        found = fields !== undefined;
        // After the columns only a row is long: the text of an error has 512 bytes at most.
        if (found) stream.onFull = () => resolve(1);
      })
      .on('result', (result) => {
        if (found) resolve(1);
        else if ('affectedRows' in result) changed += Number(result.affectedRows);
      })
      .on('error', reject)
      .on('end', () => resolve(changed));
  });
}

/** By an error of the server, or of the library about what the server said. */
function explain(error: unknown, phase: Phase, { passwd }: Check): ProbeFailure {
  const { code = '', message = '', sqlMessage } = error as Partial<QueryError> & { sqlMessage?: string };
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return new ProbeFailure('tls', 'the server does not speak TLS');
  if (sqlMessage !== undefined) {
    return new ProbeFailure(phase, `the server says "${concealSecrets(sqlMessage, [passwd])}" (${code})`);
  }
  const plugin = /unknown plugin (.*)\. See /.exec(message)?.[1];
  if (plugin !== undefined) {
    const remedy = 'which this check does not know: create a user who logs in in another way';
    return new ProbeFailure(
      phase,
      `the server wants a login by ${concealSecrets(plugin, [passwd])}, ${remedy} (${code})`,
    );
  }
  // A code of Node's own comes from a packet that is shorter than it claims.
  const unreadable = code === '' || code.startsWith('ERR_');
  const said = unreadable ? 'the answer cannot be read' : `${concealSecrets(message, [passwd])} (${code})`;
  return new ProbeFailure(phase, said);
}
