/** Whether a PostgreSQL server lets a user in and answers the statement in `request` with a row. */

import type { Client, ClientConfig, DatabaseError } from 'pg';
import * as pg from 'pg';
import type { Answer, Check } from './probe.js';
import { type Connection, withConnection } from './wire/dial.js';
import { Dialogue } from './wire/dialogue.js';
import { answer, concealed, type Phase, ProbeFailure } from './wire/failure.js';
import { type LentStream, lend } from './wire/lent-stream.js';
import { judgeRows, plainAtFirst, statementOf } from './wire/sql.js';

export function probePgsql(check: Check, signal: AbortSignal): Promise<Answer> {
  return answer(async () => {
    const statement = statementOf(check);
    return withConnection(plainAtFirst(check), signal, async (connection) => {
      if (check.tls !== null) await startTls(connection, signal);
      return lend(connection, 'login', signal, async (stream) => {
        const client = new pg.Client(optionsOf(check, stream));
        client.on('error', (error: unknown) => stream.fail(explained(error, stream.phase, check)));
        try {
          await client.connect();
          stream.phase = 'query';
          return judgeRows(await rowsOf(client, new pg.Query(statement)));
        } catch (error) {
          throw error instanceof ProbeFailure ? error : explained(error, stream.phase, check);
        } finally {
          // Without a farewell the server would log a lost connection. It resolves when the stream is closed.
          client.end().catch(() => {});
        }
      });
    });
  });
}

/** The SSLRequest of the protocol, PostgreSQL manual, chapter "Message Formats": length 8, and its code. */
const sslRequest = Buffer.from('0000000804d2162f', 'hex');

async function startTls(connection: Connection, signal: AbortSignal): Promise<void> {
  const dialogue = new Dialogue(connection, signal);
  dialogue.send(sslRequest);
  // One byte alone: an error message in its place must not be believed (CVE-2024-10977).
  if ((await dialogue.bytes(1, 'starttls')).toString('latin1') !== 'S') {
    throw new ProbeFailure('tls', 'the server does not speak TLS');
  }
  await dialogue.upgrade();
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

/** Rows found or changed; of those found, the first is enough. */
function rowsOf(client: Client, query: Query): Promise<number> {
  return new Promise((resolve, reject) => {
    client
      .query(query)
      .on('row', () => resolve(1))
      .on('error', reject)
      .on('end', ({ rowCount }) => resolve(rowCount ?? 0));
  });
}

/** By an error of the server, or of the library about what the server said. */
function explained(error: unknown, phase: Phase, { passwd }: Check): ProbeFailure {
  const { code = '', message = '', severity } = error as Partial<DatabaseError>;
  const said = concealed(message, [passwd]);
  return new ProbeFailure(phase, severity === undefined ? said : `the server says "${said}" (${code})`);
}
