/** MariaDB from its package, with one user and one database. */

import { join } from 'node:path';
import type { Certificate } from '../certificate.js';
import { lacks } from '../programs.js';
import { give, ownerOf, runAs } from './owner.js';
import { type ServerProgram, startServer } from './server-program.js';

export const mariadbMissing = lacks('mariadbd') || lacks('mariadb-install-db');

export function startMariadb(certificate: Certificate): Promise<ServerProgram> {
  const owner = ownerOf('mysql');
  return startServer({
    program: 'mariadbd',
    ...owner,
    args: ({ directory }) => [`--defaults-file=${join(directory, 'my.cnf')}`],
    files: ({ directory, address, port }) => ({
      'my.cnf': settings(directory, address, port),
      'init.sql': statements,
      'cert.pem': certificate.cert,
      'key.pem': certificate.key,
    }),
    async prepare({ directory }) {
      await give(owner, directory, join(directory, 'key.pem'));
      await runAs(owner, directory, 'mariadb-install-db', [
        '--no-defaults',
        `--datadir=${join(directory, 'data')}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        ...smallPool.map((setting) => `--${setting}`),
      ]);
    },
  });
}

// Newer versions reserve 8 TB of addresses to grow in, which a small kernel does not have; older ones know no bound.
const smallPool = ['innodb-buffer-pool-size=8M', 'loose-innodb-buffer-pool-size-max=8M'];

function settings(directory: string, address: string, port: number): string {
  return `[mariadbd]
datadir = ${directory}/data
socket = ${directory}/socket
bind-address = ${address}
port = ${port}
init-file = ${directory}/init.sql
ssl-cert = ${directory}/cert.pem
ssl-key = ${directory}/key.pem
log-warnings = 4
performance-schema = off
${smallPool.join('\n')}
innodb-log-file-size = 4M
key-buffer-size = 1M
skip-name-resolve
`;
}

// With a host of its own, so that users of the local host without a name do not come first.
const statements = `CREATE DATABASE farm;
CREATE TABLE farm.heartbeat (id INT PRIMARY KEY, beats INT);
INSERT INTO farm.heartbeat VALUES (1, 0);
CREATE USER 'monitor'@'127.0.0.1' IDENTIFIED BY 'hunter2';
GRANT SELECT, UPDATE ON farm.* TO 'monitor'@'127.0.0.1';
INSTALL SONAME 'auth_ed25519';
CREATE USER 'signer'@'127.0.0.1' IDENTIFIED VIA ed25519 USING PASSWORD('hunter2');
`;
