/** OpenSSH's server as machines have it that are administered: root and two others log in by keys, one of them with sudo. */

import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lacks } from '../programs.js';
import { startOnOwnSystem } from './own-system.js';
import type { ServerProgram } from './server-program.js';
import { pamMissing, sshdMissing } from './sshd.js';

const run = promisify(execFile);

export const loginSshdMissing: string | false = sshdMissing || pamMissing || lacks('sudo') || lacks('ssh-agent');

/** Of a service of PAM that takes passwords. */
export const pam = 'auth required pam_unix.so nodelay\naccount required pam_unix.so\nsession required pam_permit.so\n';

/** Words that nothing but a secret is. */
export const passwords = { admin: 'correct-horse-7411', other: 'battery-staple-7412' } as const;

/** What sudoers(5) has of the user `admin`. */
export type SudoRule = 'ALL=(root) /bin/sh' | 'ALL=(root) NOPASSWD: /bin/sh';

export interface LoginSshd extends ServerProgram {
  /** Public keys, as known_hosts has them: type and base64. */
  readonly hostKeys: readonly string[];
}

export interface LoginSshdSpec {
  /** Lines of authorized_keys, of every user. */
  readonly authorized: readonly string[];
  readonly settings?: readonly string[];
  readonly sudo?: SudoRule;
  readonly sudoDefaults?: readonly string[];
  readonly hostKeyTypes?: readonly ('ed25519' | 'ecdsa' | 'rsa')[];
}

export async function startLoginSshd({
  authorized,
  settings = [],
  sudo = 'ALL=(root) /bin/sh',
  sudoDefaults = [],
  hostKeyTypes = ['ed25519'],
}: LoginSshdSpec): Promise<LoginSshd> {
  const server = await startOnOwnSystem({
    users: [
      { name: 'sshd' },
      { name: 'admin', password: passwords.admin },
      { name: 'other', password: passwords.other },
    ],
    run: ['sshd'],
    etc: ({ directory }) => ({
      'pam.d/sshd': pam,
      'pam.d/sudo': pam,
      sudoers: sudoersText(directory, sudo, sudoDefaults),
    }),
    script: ({ directory }) => `exec /usr/sbin/sshd -D -e -f ${directory}/sshd_config`,
    files: ({ directory, port }) => ({
      // The first line about a thing holds.
      sshd_config: [
        ...settings,
        // Every address of loopback is a machine.
        `ListenAddress 0.0.0.0:${port}`,
        ...hostKeyTypes.map((type) => `HostKey ${directory}/key-${type}`),
        `AuthorizedKeysFile ${directory}/authorized`,
        'UsePAM no',
        'PermitRootLogin yes',
        'MaxStartups 200',
        'PidFile none',
        'StrictModes no',
        'PrintMotd no',
        '',
      ].join('\n'),
      authorized: `${authorized.join('\n')}\n`,
    }),
    async prepare({ directory }) {
      for (const type of hostKeyTypes) {
        await run('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', join(directory, `key-${type}`)]);
      }
      await mkdir(join(directory, 'lectured'));
    },
  });
  const hostKeys = await Promise.all(
    hostKeyTypes.map(async (type) => {
      const [kind, key] = (await readFile(join(server.directory, `key-${type}.pub`), 'utf8')).split(' ');
      return `${kind} ${key}`;
    }),
  );
  return { ...server, hostKeys };
}

/** For the user `admin`. */
export function sudoersText(directory: string, sudo: SudoRule, defaults: readonly string[] = []): string {
  return [
    // Nothing of it is to be left on this machine, and nobody is to get a mail.
    `Defaults lecture_status_dir=${directory}/lectured`,
    'Defaults !mail_no_user, !mail_badpass, !mail_no_host, !mail_no_perms, !fqdn',
    ...defaults.map((line) => `Defaults ${line}`),
    'root ALL=(ALL:ALL) ALL',
    `admin ${sudo}`,
    '',
  ].join('\n');
}

export interface KeyPair {
  readonly file: string;
  /** The line for authorized_keys. */
  readonly line: string;
}

export async function makeKey(directory: string, name: string, passphrase = '', type = 'ed25519'): Promise<KeyPair> {
  const file = join(directory, name);
  await run('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', name, '-f', file]);
  return { file, line: (await readFile(`${file}.pub`, 'utf8')).trim() };
}

/** A file that its owner alone can read. */
export async function writeSecret(directory: string, name: string, text: string): Promise<string> {
  const file = join(directory, name);
  await writeFile(file, text, { mode: 0o600 });
  return file;
}
