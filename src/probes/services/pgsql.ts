/**
 * Up means: `login` gets into `database`, or the one of its own name, and the statement in `request` finds or changes a
 * row. As its clients do where nothing else is said (libpq, sslmode=prefer), it takes TLS where that is offered, and goes
 * on without where it is not, or does not work.
 */

import type { Client, ClientConfig, DatabaseError } from 'pg';
import * as pg from 'pg';
import { answer, concealSecrets, type Phase, ProbeFailure } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { plainCheck } from '../server-check.js';
import { type Connection, withConnection } from '../sockets/dial.js';
import { type LentStream, lend } from '../sockets/lent-stream.js';
import { Dialogue } from '../wire/dialogue.js';
import { PgsqlMessages } from '../wire/pgsql-messages.js';
import { judgeRows, plainAtFirst, statementOf } from '../wire/sql.js';

export function probePgsql(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(async () => {
    const statement = statementOf(check);
    if (check.tls?.mode !== 'prefer') return ask(check, statement, signal);
    const way = { secured: false };
    try {
      return await ask(check, statement, signal, way);
    } catch (error) {
      if (!(error instanceof ProbeFailure) || signal.aborted || !canBeOfTls(error, way)) throw error;
      return await ask({ ...plainCheck(check), tls: null }, statement, signal).catch((again: unknown) => {
        throw again instanceof ProbeFailure && again.what !== error.what
          ? again.after(`an attempt with TLS: ${error.what}`)
          : again;
      });
    }
  });
}

/** Whether another attempt without TLS can end otherwise: rules of the server let users in by one of the two alone. */
function canBeOfTls({ phase }: ProbeFailure, { secured }: { readonly secured: boolean }): boolean {
  return phase === 'starttls' || phase === 'tls' || (phase === 'login' && secured);
}

/** Notes in `way` whether TLS is spoken. */
async function ask(check: Check, statement: string, signal: AbortSignal, way = { secured: false }): Promise<string> {
  return withConnection(plainAtFirst(check), signal, async (connection) => {
    if (check.tls !== null) way.secured = await startTls(connection, check.tls.mode === 'prefer', signal);
    return lend(connection, 'login', signal, async (stream) => {
      const client = new pg.Client(optionsOf(check, stream));
      client.on('error', (error: unknown) => stream.fail(explain(error, stream.phase, check)));
      try {
        await client.connect();
        stream.phase = 'query';
        return judgeRows(await rowsOf(client, new pg.Query(statement), stream));
      } catch (error) {
        throw error instanceof ProbeFailure ? error : explain(error, stream.phase, check);
      } finally {
        // Without a farewell the server would log a lost connection. It resolves when the stream is closed.
        client.end().catch(() => {});
      }
    });
  });
}

/** The SSLRequest of the protocol, PostgreSQL manual, chapter "Message Formats": length 8, and its code. */
const sslRequest = Buffer.from('0000000804d2162f', 'hex');

/** Whether TLS is spoken from here on. */
async function startTls(connection: Connection, isOptional: boolean, signal: AbortSignal): Promise<boolean> {
  const dialogue = new Dialogue(connection, signal);
  dialogue.send(sslRequest);
  // One byte alone: an error message in its place must not be believed (CVE-2024-10977).
  const reply = (await dialogue.bytes(1, 'starttls')).toString('latin1');
  if (reply === 'N' && isOptional) return false;
  if (reply !== 'S') throw new ProbeFailure('tls', 'the server does not speak TLS');
  await dialogue.upgrade();
  return true;
}

function optionsOf({ login: user, passwd, database, address, port }: Check, stream: LentStream): ClientConfig {
  return {
    stream: () => stream,
    host: address,
    port,
    user,
    // As a function, so that neither the environment nor ~/.pgpass stands in for an empty one.
    password: () => passwd,
    database: database === '' ? user : database,
    ssl: false,
    application_name: 'ldirectord',
  };
}

type Query = InstanceType<typeof pg.Query>;

/** Rows found or changed; of those found, the first is enough, and of a large one its beginning. */
function rowsOf(client: Client, query: Query, stream: LentStream): Promise<number> {
  const messages = new PgsqlMessages();
  stream.on('data', (bytes: Buffer) => messages.follow(bytes));
  const { onFull } = stream;
  return new Promise((resolve, reject) => {
    stream.onFull = () => (messages.isInRow ? resolve(1) : onFull());
    client
      .query(query)
      .on('row', () => resolve(1))
      .on('error', reject)
      .on('end', ({ rowCount }) => resolve(rowCount ?? 0));
  });
}

/** By an error of the server, or of the library about what the server said. */
function explain(error: unknown, phase: Phase, { passwd }: Check): ProbeFailure {
  const { code = '', message = '', severity } = error as Partial<DatabaseError>;
  const said = concealSecrets(message, [passwd]);
  return new ProbeFailure(phase, severity === undefined ? said : `the server says "${said}" (${code})`);
}
