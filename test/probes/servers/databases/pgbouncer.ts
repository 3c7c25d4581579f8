/** PgBouncer, with PostgreSQL behind it. */

import { give, ownerOf } from '../../../helpers/servers/owner.js';
import { postgresMissing, startPostgres } from '../../../helpers/servers/postgres.js';
import { type ServerProgram, startServer } from '../../../helpers/servers/server-program.js';
import { lacksFiles, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import { inFrontOf } from '../behind.js';
import { type Case, type Served, stopped } from '../case.js';
import { certificateCases, certificateFiles, shown } from '../certificates.js';

const program = '/usr/sbin/pgbouncer';

/** $ is the directory in the settings. */
function startPgbouncer(behind: number, ...settings: readonly string[]): Promise<ServerProgram> {
  // It does not run as root.
  const owner = ownerOf('nobody');
  return startServer({
    program: located(program),
    args: ({ directory }) => [`${directory}/pgbouncer.ini`],
    env: unpackedLibraries,
    ...owner,
    files: ({ address, port, directory }) => ({
      'pgbouncer.ini': [
        '[databases]',
        `postgres = host=127.0.0.1 port=${behind} user=monitor password=hunter2`,
        'away = host=127.0.0.1 port=1 user=monitor password=hunter2',
        '[pgbouncer]',
        `listen_addr = ${address}`,
        `listen_port = ${port}`,
        'unix_socket_dir =',
        'auth_file = $/users',
        ...settings,
        '',
      ]
        .join('\n')
        .replaceAll('$', directory),
      users: '"monitor" "hunter2"\n',
      ...certificateFiles(),
    }),
    prepare: ({ directory }) =>
      give(owner, directory, ...['pgbouncer.ini', 'users', 'key.pem'].map((name) => `${directory}/${name}`)),
  });
}

/** With nothing behind it, for what it answers by itself: questions to its own database. */
const alone = (...settings: readonly string[]) => startPgbouncer(1, 'admin_users = monitor', ...settings);

const tls = ['client_tls_key_file = $/key.pem', 'client_tls_cert_file = $/cert.pem'];
const base = { service: 'pgsql', server: 'PgBouncer', missing: postgresMissing || lacksFiles(program) } as const;

const user = (password: string, database: string, statement = 'SELECT 1'): string =>
  `login="monitor"\npasswd="${password}"\ndatabase="${database}"\nrequest="${statement}"`;
const throughIt = user('hunter2', 'postgres');
const right = user('hunter2', 'pgbouncer', 'SHOW VERSION');
const rows = (name: string, ask = ''): Case => ({ name, ask: `${right}\n${ask}`, up: true, says: /^response: / });
const down = (name: string, ask: string, says: RegExp): Case => ({ name, ask, up: false, says });
const row = rows('statement');
const refused = down('wrong password', user('hunter3', 'pgbouncer'), /^login: /);

export const pgbouncer: readonly Served[] = [
  {
    ...base,
    settings: 'SCRAM, transactions share connections',
    start: () =>
      inFrontOf(startPostgres(), (behind) =>
        startPgbouncer(behind, 'auth_type = scram-sha-256', 'pool_mode = transaction'),
      ),
    cases: [
      { ...row, ask: throughIt },
      down('wrong password', user('hunter3', 'postgres'), /^login: /),
      down('unknown database', user('hunter2', 'none'), /^login: .*none/),
      down('wrong statement', user('hunter2', 'postgres', 'SELECT * FROM nothing'), /^query: .*nothing/),
      down('TLS', `${throughIt}\ntls=yes`, /^tls: the server does not speak TLS$/),
      stopped(throughIt),
    ],
  },
  {
    ...base,
    settings: 'database away',
    start: () => alone('auth_type = scram-sha-256', 'query_wait_timeout = 1'),
    cases: [down('statement', user('hunter2', 'away'), /^(login|query): /)],
  },
  {
    ...base,
    settings: 'TLS offered',
    start: () => alone('auth_type = scram-sha-256', 'client_tls_sslmode = allow', ...tls),
    cases: [row, rows('statement under TLS', 'tls=yes'), ...certificateCases(`${right}\ntls=yes`)],
  },
  {
    ...base,
    settings: 'TLS required',
    start: () => alone('auth_type = scram-sha-256', 'client_tls_sslmode = require', ...tls),
    cases: [
      rows('statement under TLS', 'tls=yes'),
      row,
      down('no TLS by request', `${right}\ntls=no`, /^login: .*SSL required/),
    ],
  },
  {
    ...base,
    settings: 'strictest: TLS 1.3 and a client certificate required, SCRAM',
    start: () =>
      alone(
        'auth_type = scram-sha-256',
        'client_tls_sslmode = verify-ca',
        'client_tls_ca_file = $/ca.pem',
        'client_tls_protocols = tlsv1.3',
        ...tls,
      ),
    cases: [
      {
        ...row,
        name: 'statement, with a client certificate',
        ask: (server) => `${right}\ntls=yes\n${shown(server)}`,
      },
      down('no client certificate', `${right}\ntls=yes`, /^(tls|login): /),
    ],
  },
  {
    ...base,
    settings: 'oldest: MD5, sessions have connections of their own',
    start: () => alone('auth_type = md5', 'pool_mode = session'),
    cases: [row, refused],
  },
  {
    ...base,
    settings: 'oldest: passwords in clear',
    start: () => alone('auth_type = plain', 'pool_mode = statement'),
    cases: [row, refused],
  },
];
