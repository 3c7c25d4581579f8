/** vsftpd from its package, for anonymous users. */

import { chmod } from 'node:fs/promises';
import type { Certificate } from '../certificate.js';
import { lacks } from '../programs.js';
import { type ServerProgram, startServer } from './server-program.js';

/** Its processes change to a user of their own. */
export const vsftpdMissing = lacks('vsftpd') || (process.getuid?.() === 0 ? false : 'vsftpd needs root');

export interface VsftpdOptions {
  /** Contents of files by name, in the root of the server. */
  readonly files?: Readonly<Record<string, string>>;
  /** What anonymous users must give as their password. */
  readonly password?: string;
  readonly certificate?: Certificate;
  /** Further lines of its configuration. */
  readonly settings?: readonly string[];
}

export function startVsftpd({
  files = {},
  password,
  certificate,
  settings = [],
}: VsftpdOptions = {}): Promise<ServerProgram> {
  return startServer({
    program: 'vsftpd',
    args: ({ directory }) => [`${directory}/vsftpd.conf`],
    files: ({ directory, address, port }) => ({
      'vsftpd.conf': [
        'background=NO',
        'listen=YES',
        'listen_ipv6=NO',
        `listen_address=${address}`,
        `listen_port=${port}`,
        'anonymous_enable=YES',
        `anon_root=${directory}/root`,
        `secure_chroot_dir=${directory}/empty`,
        'xferlog_enable=NO',
        ...(password === undefined
          ? ['no_anon_password=NO']
          : ['secure_email_list_enable=YES', `email_password_file=${directory}/passwords`]),
        'delay_failed_login=0',
        ...(certificate
          ? ['ssl_enable=YES', 'allow_anon_ssl=YES', `rsa_cert_file=${directory}/both.pem`]
          : ['ssl_enable=NO']),
        ...settings,
        '',
      ].join('\n'),
      passwords: `${password ?? ''}\n`,
      'empty/.keep': '',
      'root/.keep': '',
      ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`root/${name}`, text])),
      ...(certificate && { 'both.pem': `${certificate.key}${certificate.cert}` }),
    }),
    prepare: ({ directory }) => chmod(directory, 0o755),
  });
}
