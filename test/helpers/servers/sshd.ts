/** OpenSSH's server from its package, with a user that no system has. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lacks } from '../programs.js';
import { ownSystemMissing, startOnOwnSystem, type User } from './own-system.js';
import type { ServerProgram } from './server-program.js';

const sshd = '/usr/sbin/sshd';
const run = promisify(execFile);
const rules = 'auth required pam_unix.so nodelay\naccount required pam_unix.so\nsession required pam_permit.so\n';

/** Why a server cannot leave passwords to PAM. */
export const pamMissing = existsSync('/etc/pam.d/sshd') ? false : 'sshd has no PAM here';

export const sshdMissing = lacks('sshd') || ownSystemMissing;

/** Lets the user in by the password; the settings come first. */
export function startSshd(user: User, ...settings: readonly string[]): Promise<ServerProgram> {
  // Those of RSA take seconds to make.
  const type = settings.some((line) => line.endsWith('ssh-rsa')) ? 'rsa' : 'ed25519';
  return startOnOwnSystem({
    users: [{ name: 'sshd' }, user],
    etc: () => ({ 'pam.d/sshd': rules }),
    run: ['sshd'],
    script: ({ directory }) => `exec ${sshd} -D -e -f ${directory}/sshd_config`,
    files: ({ directory, address, port }) => ({
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
      await run('ssh-keygen', ['-q', '-t', type, '-b', '2048', '-N', '', '-f', join(directory, 'key')]);
    },
  });
}
