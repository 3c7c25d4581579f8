/** OpenLDAP's server from its package, with two entries and one user. */

import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Certificate } from '../certificate.js';
import { lacks } from '../programs.js';
import { type ServerProgram, startServer } from './server-program.js';

export const slapdMissing = lacks('slapd') || lacks('slapadd');

export const directoryUser = { login: 'cn=monitor,dc=example,dc=com', passwd: 'hunter2' };

const run = promisify(execFile);

export interface SlapdOptions {
  readonly certificate?: Certificate;
  /** TLS with the first byte. */
  readonly wrapped?: boolean;
}

export function startSlapd({ certificate, wrapped = false }: SlapdOptions = {}): Promise<ServerProgram> {
  return startServer({
    program: 'slapd',
    args: ({ directory, address, port }) => [
      ...['-f', join(directory, 'slapd.conf')],
      ...['-h', `${wrapped ? 'ldaps' : 'ldap'}://${address}:${port}/`],
      // Any level keeps it in the foreground.
      ...['-d', '0'],
    ],
    files: ({ directory }) => ({
      'slapd.conf': settings(directory, certificate !== undefined),
      'entries.ldif': entries,
      ...(certificate && { 'cert.pem': certificate.cert, 'key.pem': certificate.key }),
    }),
    async prepare({ directory }) {
      await mkdir(join(directory, 'data'));
      await run('slapadd', ['-q', '-f', join(directory, 'slapd.conf'), '-l', join(directory, 'entries.ldif')]);
    },
  });
}

function settings(directory: string, tls: boolean): string {
  return `include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile ${directory}/pid
threads 2
${tls ? `TLSCertificateFile ${directory}/cert.pem\nTLSCertificateKeyFile ${directory}/key.pem\n` : ''}
database mdb
suffix "dc=example,dc=com"
rootdn "${directoryUser.login}"
rootpw ${directoryUser.passwd}
directory ${directory}/data
access to dn.base="ou=secret,dc=example,dc=com" by * none
access to * by * read
`;
}

const entries = `dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=secret,dc=example,dc=com
objectClass: organizationalUnit
ou: secret
description: first
description: second
`;
