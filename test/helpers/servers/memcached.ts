/** memcached from its package. */

import { chmod } from 'node:fs/promises';
import type { Certificate } from '../certificate.js';
import { lacks } from '../programs.js';
import { type ServerProgram, startServer } from './server-program.js';

export const memcachedMissing = lacks('memcached');

export interface MemcachedOptions {
  readonly login?: { readonly user: string; readonly password: string };
  readonly certificate?: Certificate;
  /** Further arguments. */
  readonly settings?: readonly string[];
}

export function startMemcached({ login, certificate, settings = [] }: MemcachedOptions = {}): Promise<ServerProgram> {
  return startServer({
    program: 'memcached',
    args: ({ address, port, directory }) => [
      ...['-l', address, '-p', String(port), '-U', '0', '-m', '8', '-t', '1', '-u', 'nobody'],
      ...(login ? ['-Y', `${directory}/users`] : []),
      ...(certificate
        ? ['-Z', '-o', `ssl_chain_cert=${directory}/cert.pem`, '-o', `ssl_key=${directory}/key.pem`]
        : []),
      ...settings,
    ],
    files: () => ({
      users: login ? `${login.user}:${login.password}\n` : '',
      ...(certificate && { 'cert.pem': certificate.cert, 'key.pem': certificate.key }),
    }),
    prepare: ({ directory }) => chmod(directory, 0o755),
  });
}
