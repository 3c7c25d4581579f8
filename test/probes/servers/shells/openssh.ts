/** OpenSSH, in settings that its hardening guides and old installations have. */

import type { ServerProgram } from '../../../helpers/servers/server-program.js';
import { sshdMissing, startSshd } from '../../../helpers/servers/sshd.js';
import { lacksRoot } from '../../../helpers/servers/unpacked.js';
import type { Case, Served } from '../case.js';
import { command, failedCommand, greeted, loggedIn, refused, right, stoppedShell } from './cases.js';

const startOpenssh = (...settings: readonly string[]): Promise<ServerProgram> =>
  startSshd({ name: 'monitor', password: 'hunter2' }, ...settings);

const base = { service: 'ssh', server: 'OpenSSH', missing: sshdMissing || lacksRoot() } as const;

const locked: Case = {
  name: 'right password',
  ask: right,
  up: false,
  says: /^login: the server refuses this user with this password$/,
};

/** Settings under which a login works. */
function lets(settings: string, ...lines: readonly string[]): Served {
  return { ...base, settings, start: () => startOpenssh(...lines), cases: [greeted, loggedIn] };
}

export const openssh: readonly Served[] = [
  {
    ...base,
    settings: 'as shipped',
    start: () => startOpenssh(),
    cases: [greeted, loggedIn, refused, command, failedCommand, stoppedShell],
  },
  lets(
    'hardened: elliptic curves, authenticated ciphers, one kind of key',
    'KexAlgorithms curve25519-sha256',
    'Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com',
    'MACs hmac-sha2-512-etm@openssh.com',
    'HostKeyAlgorithms ssh-ed25519',
    'MaxAuthTries 1',
    'Compression no',
  ),
  {
    ...base,
    settings: 'strictest: a key exchange that withstands quantum computers alone',
    start: () => startOpenssh('KexAlgorithms sntrup761x25519-sha512@openssh.com'),
    cases: [greeted],
  },
  {
    ...base,
    settings: 'strictest: MACs of 128 bits on encrypted text alone',
    start: () => startOpenssh('Ciphers aes256-ctr', 'MACs umac-128-etm@openssh.com'),
    cases: [greeted],
  },
  {
    ...base,
    settings: 'strictest: keys alone',
    start: () => startOpenssh('PasswordAuthentication no', 'KbdInteractiveAuthentication no'),
    cases: [greeted, locked],
  },
  {
    ...base,
    settings: 'keyboard-interactive alone, by PAM',
    start: () => startOpenssh('UsePAM yes', 'AuthenticationMethods keyboard-interactive'),
    cases: [greeted, loggedIn, refused],
  },
  lets('oldest: group14 with SHA-1', 'KexAlgorithms diffie-hellman-group14-sha1'),
  lets('oldest: group1 with SHA-1', 'KexAlgorithms diffie-hellman-group1-sha1'),
  lets('oldest: CBC', 'Ciphers aes128-cbc', 'MACs hmac-sha1'),
  lets('oldest: MD5', 'Ciphers aes128-ctr', 'MACs hmac-md5'),
  lets('oldest: RSA keys with SHA-1', 'HostKeyAlgorithms ssh-rsa'),
];
