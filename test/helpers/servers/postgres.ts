/** PostgreSQL from its package, with one user and one database. */

import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Certificate } from '../certificate.js';
import { give, ownerOf, runAs } from './owner.js';
import { acceptsConnection, type Place, type ServerProgram, startServer } from './server-program.js';

/** Debian keeps the programs of each version apart and out of the path. */
const versions = '/usr/lib/postgresql';
const programs = newest();
export const postgresMissing = programs === null ? 'postgres is not installed' : false;

function newest(): string | null {
  try {
    const [version] = readdirSync(versions).sort((a, b) => Number(b) - Number(a));
    return version === undefined ? null : join(versions, version, 'bin');
  } catch {
    return null;
  }
}

/** It takes connections before it answers them; its last line here says when it does, as pg_ctl has it. */
async function isReady(place: Place): Promise<boolean> {
  if (!(await acceptsConnection(place))) return false;
  return (await readFile(join(place.directory, 'data/postmaster.pid'), 'utf8')).trimEnd().endsWith('ready');
}

/** Without a certificate it does not speak TLS. */
export function startPostgres(certificate?: Certificate): Promise<ServerProgram> {
  const owner = ownerOf('postgres');
  const bin = programs ?? '';
  return startServer({
    program: join(bin, 'postgres'),
    ...owner,
    args: ({ directory }) => ['-D', join(directory, 'data'), `--config-file=${join(directory, 'postgresql.conf')}`],
    ready: isReady,
    files: ({ directory, address, port }) => ({
      'postgresql.conf': settings(directory, address, port, certificate !== undefined),
      'pg_hba.conf': rules(address),
      'init.sql': statements,
      password: 'hunter2\n',
      ...(certificate && { 'cert.pem': certificate.cert, 'key.pem': certificate.key }),
    }),
    async prepare({ directory }) {
      const path = (name: string) => join(directory, name);
      await give(owner, directory, path('password'), ...(certificate ? [path('key.pem')] : []));
      await runAs(owner, directory, 'chmod', [
        '-R',
        'go-rwx',
        ...(certificate ? [path('key.pem')] : [path('password')]),
      ]);
      await runAs(owner, directory, join(bin, 'initdb'), [
        ...['-D', path('data'), '-U', 'monitor', '-A', 'scram-sha-256', `--pwfile=${path('password')}`],
        ...['-N', '-E', 'UTF8', '--locale=C'],
      ]);
      const single = `"${join(bin, 'postgres')}" --single -D data -j postgres < init.sql`;
      await runAs(owner, directory, 'sh', ['-c', single]);
    },
  });
}

/** Some come in TLS alone, and some without it alone. */
function rules(address: string): string {
  return [
    `host all monitor ${address}/32 scram-sha-256`,
    `host all plain ${address}/32 password`,
    `hostssl all secured ${address}/32 scram-sha-256`,
    `hostnossl all bare ${address}/32 scram-sha-256`,
    '',
  ].join('\n');
}

function settings(directory: string, address: string, port: number, tls: boolean): string {
  return `listen_addresses = '${address}'
port = ${port}
hba_file = '${directory}/pg_hba.conf'
unix_socket_directories = ''
fsync = off
shared_buffers = 4MB
max_connections = 50
autovacuum = off
${tls ? `ssl = on\nssl_cert_file = '${directory}/cert.pem'\nssl_key_file = '${directory}/key.pem'\n` : ''}`;
}

const statements = `CREATE TABLE heartbeat (id INT PRIMARY KEY, beats INT);

INSERT INTO heartbeat VALUES (1, 0);

CREATE USER plain PASSWORD 'hunter2';

CREATE USER secured PASSWORD 'hunter2';

CREATE USER bare PASSWORD 'hunter2';
`;
