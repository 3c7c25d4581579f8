/** OpenSSH's server from its package, with a user that no system has. */

import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lacks } from '../programs.js';
import { type ServerProgram, startServer } from './server-program.js';

const sshd = '/usr/sbin/sshd';
const run = promisify(execFile);

/** Why a server cannot leave passwords to PAM. */
export const pamMissing = existsSync('/etc/pam.d/sshd') ? false : 'sshd has no PAM here';

/** The user comes from files that take the place of the system's for this server alone, in its own mounts. */
export const sshdMissing =
  lacks('sshd') ||
  lacks('openssl') ||
  (spawnSync('unshare', ['--mount', 'true']).status === 0 ? false : 'no mounts of its own can be had (unshare)');

export interface User {
  readonly name: string;
  readonly password: string;
}

export function startSshd(user: User, ...settings: readonly string[]): Promise<ServerProgram> {
  return startServer({
    program: 'unshare',
    args: ({ directory }) => ['--mount', 'sh', join(directory, 'start')],
    files: ({ directory, address, port }) => ({
      start: `set -e
mount --bind ${directory}/passwd /etc/passwd
mount --bind ${directory}/shadow /etc/shadow
[ ! -e /etc/pam.d/sshd ] || mount --bind ${directory}/pam /etc/pam.d/sshd
mkdir -p /run/sshd
exec ${sshd} -D -e -f ${directory}/sshd_config
`,
      passwd: `root:x:0:0::/root:/bin/sh
sshd:x:33333:65534::/run/sshd:/usr/sbin/nologin
${user.name}:x:33334:65534::/:/bin/sh
`,
      pam: [
        'auth required pam_unix.so nodelay',
        'account required pam_unix.so',
        'session required pam_permit.so',
        '',
      ].join('\n'),
      // The first line about a thing holds.
      sshd_config: [
        ...settings,
        `ListenAddress ${address}:${port}`,
        `HostKey ${directory}/key`,
        'UsePAM no',
        'PasswordAuthentication yes',
        'PidFile none',
        'StrictModes no',
        'PrintMotd no',
        '',
      ].join('\n'),
    }),
    async prepare({ directory }) {
      await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'key')]);
      const { stdout: hash } = await run('openssl', ['passwd', '-6', user.password]);
      await writeFile(join(directory, 'shadow'), `root:*:19000::::::\n${user.name}:${hash.trim()}:19000::::::\n`);
    },
  });
}
