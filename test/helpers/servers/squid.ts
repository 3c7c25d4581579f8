/** Squid, which passes requests on to loopback only. */

import { chmod, rm } from 'node:fs/promises';
import { type ServerProgram, startServer } from './server-program.js';

export interface SquidOptions {
  /** Wanted by basic authentication. */
  readonly login?: { readonly user: string; readonly password: string };
}

export async function startSquid({ login }: SquidOptions = {}): Promise<ServerProgram> {
  const server = await startServer({
    program: 'squid',
    args: ({ directory, port }) => ['-N', '-n', nameOf(port), '-d1', '-f', `${directory}/squid.conf`],
    // Started as root it becomes a user of its own, who must find the password program.
    prepare: ({ directory }) => chmod(directory, 0o755),
    files: ({ directory, address, port }) => ({
      'squid.conf': `
http_port ${address}:${port}
visible_hostname proxy.example.com
pid_filename none
cache deny all
cache_log /dev/null
access_log none
coredump_dir ${directory}
shutdown_lifetime 1 seconds
${login ? authenticated(directory) : ''}
acl here dst 127.0.0.0/8
http_access ${login ? 'allow here known' : 'allow here'}
http_access deny all
`,
      'auth.sh': `#!/bin/sh\nwhile read -r user password; do
  if [ "$user $password" = "${login?.user} ${login?.password}" ]; then echo OK; else echo ERR; fi\ndone\n`,
    }),
  });
  return {
    ...server,
    async close() {
      await server.close();
      // Killed, it leaves its shared memory.
      for (const part of ['metadata', 'queues', 'readers']) {
        await rm(`/dev/shm/${nameOf(server.port)}-cf__${part}.shm`, { force: true });
      }
    },
  };
}

/** Of the instance: others on this machine have shared memory of their own. */
function nameOf(port: number): string {
  return `squid${port}`;
}

function authenticated(directory: string): string {
  return `auth_param basic program /bin/sh ${directory}/auth.sh
auth_param basic children 1
auth_param basic realm proxy
acl known proxy_auth REQUIRED`;
}
