/** ProFTPD's mod_sftp, which is an SSH server without a shell. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { lacks } from '../../../helpers/programs.js';
import type { Served } from '../case.js';
import { proftpdMissing, startProftpd } from '../files/proftpd.js';
import { greeted, loggedIn, refused, right, stoppedShell } from './cases.js';

const run = promisify(execFile);

function startSftp(...settings: readonly string[]) {
  const lines = ['SFTPEngine on', 'SFTPHostKey $/hostkey', 'SFTPAuthMethods password', 'SFTPLog $/sftp.log'];
  return startProftpd([...lines, ...settings], async (directory) => {
    await run('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', '', '-f', `${directory}/hostkey`]);
  });
}

const base = { service: 'ssh', server: 'ProFTPD mod_sftp', missing: proftpdMissing || lacks('ssh-keygen') } as const;

export const sftp: readonly Served[] = [
  {
    ...base,
    settings: 'as shipped',
    start: () => startSftp(),
    cases: [
      greeted,
      loggedIn,
      refused,
      { name: 'command', ask: `${right}\nrequest="true"`, up: false, says: /^command: / },
      stoppedShell,
    ],
  },
  {
    ...base,
    settings: 'oldest: group1 with SHA-1, 3DES, MD5',
    start: () =>
      startSftp('SFTPKeyExchanges diffie-hellman-group1-sha1', 'SFTPCiphers 3des-cbc', 'SFTPDigests hmac-md5'),
    cases: [greeted, loggedIn],
  },
];
