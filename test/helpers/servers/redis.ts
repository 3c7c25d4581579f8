/** Redis from its package, with nothing in it and nothing kept. */

import type { Certificate } from '../certificate.js';
import { freePort } from '../free-port.js';
import { lacks } from '../programs.js';
import { type ServerProgram, startServer } from './server-program.js';

export const redisMissing = lacks('redis-server');

export interface RedisOptions {
  /** Of the user `default`. */
  readonly password?: string;
  readonly certificate: Certificate;
  /** Further lines of its configuration. */
  readonly settings?: readonly string[];
}

export interface Redis extends ServerProgram {
  /** Where TLS is spoken. */
  readonly securePort: number;
}

export async function startRedis({ password, certificate, settings = [] }: RedisOptions): Promise<Redis> {
  const securePort = await freePort();
  const server = await startServer({
    program: 'redis-server',
    args: ({ directory }) => [`${directory}/redis.conf`],
    files: ({ directory, address, port }) => ({
      'redis.conf': [
        `bind ${address}`,
        `port ${port}`,
        `dir ${directory}`,
        'save ""',
        `tls-port ${securePort}`,
        `tls-cert-file ${directory}/cert.pem`,
        `tls-key-file ${directory}/key.pem`,
        'tls-auth-clients no',
        ...(password === undefined ? [] : [`requirepass "${password}"`]),
        ...settings,
        '',
      ].join('\n'),
      'cert.pem': certificate.cert,
      'key.pem': certificate.key,
    }),
  });
  return { ...server, securePort };
}
