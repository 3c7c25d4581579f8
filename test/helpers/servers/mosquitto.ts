/** Mosquitto from its package, for one user or for everybody. */

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Certificate } from '../certificate.js';
import { lacks } from '../programs.js';
import { type ServerProgram, startServer } from './server-program.js';

export const mosquittoMissing = lacks('mosquitto') || lacks('mosquitto_passwd');

const run = promisify(execFile);

export interface MosquittoOptions {
  /** Without one everybody is let in. */
  readonly user?: { readonly name: string; readonly password: string };
  readonly certificate?: Certificate;
}

export function startMosquitto({ user, certificate }: MosquittoOptions = {}): Promise<ServerProgram> {
  return startServer({
    program: 'mosquitto',
    args: ({ directory }) => ['-c', join(directory, 'mosquitto.conf')],
    files: ({ directory, address, port }) => ({
      'mosquitto.conf': [
        `listener ${port} ${address}`,
        'log_dest stderr',
        ...(process.getuid?.() === 0 ? ['user root'] : []),
        ...(user ? ['allow_anonymous false', `password_file ${directory}/passwords`] : ['allow_anonymous true']),
        ...(certificate ? [`certfile ${directory}/cert.pem`, `keyfile ${directory}/key.pem`] : []),
        '',
      ].join('\n'),
      ...(certificate && { 'cert.pem': certificate.cert, 'key.pem': certificate.key }),
    }),
    async prepare({ directory }) {
      if (user === undefined) return;
      const file = join(directory, 'passwords');
      await writeFile(file, `${user.name}:${user.password}\n`, { mode: 0o600 });
      // Puts hashes in the place of the passwords.
      await run('mosquitto_passwd', ['-U', file]);
    },
  });
}
