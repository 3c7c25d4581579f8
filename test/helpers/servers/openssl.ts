/** The TLS server of the command `openssl`. */

import type { Certificate } from '../certificate.js';
import { lacks } from '../programs.js';
import { type ServerProgram, startServer } from './server-program.js';

export const opensslMissing = lacks('openssl');

export function startOpenssl({ cert, key }: Certificate, ...options: readonly string[]): Promise<ServerProgram> {
  return startServer({
    program: 'openssl',
    args: ({ address, port, directory }) => [
      ...['s_server', '-accept', `${address}:${port}`, '-quiet', '-no_dhe'],
      ...['-cert', `${directory}/cert.pem`, '-key', `${directory}/key.pem`, ...options],
    ],
    files: () => ({ 'cert.pem': cert, 'key.pem': key }),
  });
}
