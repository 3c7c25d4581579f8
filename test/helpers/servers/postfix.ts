/** Postfix from its package, which takes mail for nobody. */

import { execFile } from 'node:child_process';
import { chmod, chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Certificate } from '../certificate.js';
import { lacks } from '../programs.js';
import { type ServerProgram, startServer } from './server-program.js';

/** Its processes change to users of their own. */
export const postfixMissing = lacks('postfix') || (process.getuid?.() === 0 ? false : 'postfix needs root');

const master = '/usr/lib/postfix/sbin/master';
const run = promisify(execFile);

export interface PostfixOptions {
  readonly certificate?: Certificate;
  /** TLS with the first byte. */
  readonly wrapped?: boolean;
  /** Further lines of main.cf. */
  readonly settings?: readonly string[];
}

export function startPostfix({
  certificate,
  wrapped = false,
  settings = [],
}: PostfixOptions = {}): Promise<ServerProgram> {
  return startServer({
    program: master,
    args: ({ directory }) => ['-c', directory, '-d'],
    files: ({ directory, address, port }) => ({
      'main.cf': [...mainSettings(directory), ...(certificate ? tlsSettings(directory) : []), ...settings, ''].join(
        '\n',
      ),
      'master.cf': `${address}:${port} inet n - n - - smtpd${wrapped ? ' -o smtpd_tls_wrappermode=yes' : ''}
anvil unix - - n - 1 anvil
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
`,
      ...(certificate && { 'chain.pem': `${certificate.key}${certificate.cert}` }),
    }),
    async prepare({ directory }) {
      const { stdout } = await run('id', ['-u', 'postfix']);
      // What `postfix check` would make, which takes many seconds: the parts that take no mail need no more.
      for (const name of ['data', 'spool', 'spool/pid', 'spool/private', 'spool/public']) {
        await mkdir(join(directory, name));
        if (name !== 'spool' && name !== 'spool/pid') await chown(join(directory, name), Number(stdout), -1);
      }
      await chmod(directory, 0o755);
    },
  });
}

function mainSettings(directory: string): string[] {
  return [
    'compatibility_level = 3.6',
    `queue_directory = ${directory}/spool`,
    `data_directory = ${directory}/data`,
    // Not /dev/stdout, which is a socket here: who cannot write it stops answering after some sessions.
    `maillog_file = ${directory}/spool/log`,
    `maillog_file_prefixes = ${directory}`,
    'myhostname = mail.example.com',
    'mydestination =',
    'mynetworks = 127.0.0.1',
    'local_transport = error:none',
    'inet_interfaces = 127.0.0.1',
    'inet_protocols = ipv4',
    'alias_maps =',
    'alias_database =',
    'smtpd_helo_required = yes',
  ];
}

function tlsSettings(directory: string): string[] {
  return ['smtpd_tls_security_level = may', `smtpd_tls_chain_files = ${directory}/chain.pem`];
}
