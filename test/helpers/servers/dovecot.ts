/** Dovecot from the packages dovecot-imapd and dovecot-pop3d, with one user and an empty mailbox. */

import { chmod } from 'node:fs/promises';
import type { Certificate } from '../certificate.js';
import { freePort } from '../free-port.js';
import { lacks } from '../programs.js';
import { type ServerProgram, startServer } from './server-program.js';

/** Its processes change to users of their own. */
export const dovecotMissing = lacks('dovecot') || (process.getuid?.() === 0 ? false : 'dovecot needs root');

export interface DovecotOptions {
  readonly protocol: 'imap' | 'pop3';
  readonly certificate: Certificate;
  readonly login: { readonly user: string; readonly password: string };
  /** Further lines of its configuration. */
  readonly settings?: readonly string[];
}

export interface Dovecot extends ServerProgram {
  /** Where TLS is spoken from the first byte; the other port has STARTTLS. */
  readonly securePort: number;
}

export async function startDovecot({ protocol, certificate, login, settings = [] }: DovecotOptions): Promise<Dovecot> {
  const securePort = await freePort();
  const server = await startServer({
    program: 'dovecot',
    args: ({ directory }) => ['-F', '-c', `${directory}/dovecot.conf`],
    files: ({ directory, address, port }) => ({
      'dovecot.conf': `
protocols = ${protocol}
base_dir = ${directory}/run
state_dir = ${directory}/state
log_path = /dev/stderr
mail_location = maildir:${directory}/mail
first_valid_uid = 1
disable_plaintext_auth = no
auth_failure_delay = 0
ssl = yes
ssl_cert = <${directory}/cert.pem
ssl_key = <${directory}/key.pem
passdb {
  driver = passwd-file
  args = scheme=PLAIN ${directory}/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=${directory}/mail
}
service anvil {
  # Without it failed logins are answered ever later.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service ${protocol}-login {
  inet_listener ${protocol} {
    address = ${address}
    port = ${port}
  }
  inet_listener ${protocol}s {
    address = ${address}
    port = ${securePort}
    ssl = yes
  }
}
${settings.join('\n')}
`,
      users: `${login.user}:${login.password}::::::\n`,
      'cert.pem': certificate.cert,
      'key.pem': certificate.key,
      'mail/.keep': '',
    }),
    async prepare({ directory }) {
      await chmod(directory, 0o755);
      await chmod(`${directory}/mail`, 0o777);
    },
  });
  return { ...server, securePort };
}
