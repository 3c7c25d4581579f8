/** Exim, which is asked and takes mail for nobody. */

import { chmod } from 'node:fs/promises';
import { ownSystemMissing, startOnOwnSystem } from '../../../helpers/servers/own-system.js';
import type { ServerProgram } from '../../../helpers/servers/server-program.js';
import { lacksFiles, lacksRoot, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import { type Case, type Served, stopped } from '../case.js';
import { certificateCases, certificateFiles, shown } from '../certificates.js';

const program = '/usr/sbin/exim4';
const user = 'Debian-exim';

/** $/ is the directory in the settings, $port the port; `further` are sections after the main one. */
function startExim(settings: string, further = ''): Promise<ServerProgram> {
  return startOnOwnSystem({
    users: [{ name: user }],
    script: ({ address, port, directory }) =>
      `exec ${located(program)} -C ${directory}/exim.conf -bdf -oX '[${address}]:${port}'`,
    env: unpackedLibraries,
    files: ({ directory, port }) => ({
      'exim.conf': `primary_hostname = mail.example.com
spool_directory = ${directory}/spool
log_file_path = ${directory}/spool/%slog
pid_file_path = ${directory}/pid
exim_user = ${user}
never_users =
acl_smtp_rcpt = deny
daemon_smtp_ports = 1
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
tls_certificate = $/both.pem
${settings.includes('tls_advertise_hosts') ? '' : 'tls_advertise_hosts ='}
${settings}
begin acl
deny:
  deny
fully_qualified:
  deny condition = \${if !match{$sender_helo_name}{\\N^\\[|\\..*[^.]$\\N}}
       message = give your full name
  accept
busy:
  defer message = too much to do
begin retry
begin routers
begin transports
${further}`
        .replaceAll('$/', `${directory}/`)
        .replaceAll('$port', String(port)),
      'spool/.keep': '',
      ...certificateFiles(),
    }),
    async prepare({ directory }) {
      await chmod(`${directory}/spool`, 0o777);
      for (const name of ['both.pem', 'ca.pem']) await chmod(`${directory}/${name}`, 0o644);
    },
  });
}

/** Users who authenticate by a mechanism, with one password. */
const authenticators = {
  plain: `plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = \${if and{{eq{$auth2}{monitor}}{eq{$auth3}{hunter2}}}}
`,
  login: `login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = User : Password
  server_condition = \${if and{{eq{$auth1}{monitor}}{eq{$auth2}{hunter2}}}}
`,
  'cram-md5': `cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = \${if eq{$auth1}{monitor}{hunter2}fail}
`,
} as const;

const by = (...names: readonly (keyof typeof authenticators)[]): string =>
  `begin authenticators\n${names.map((name) => authenticators[name]).join('')}`;

const base = { server: 'Exim', missing: lacksFiles(program) || lacksRoot() || ownSystemMissing } as const;
const greeted = /^response: 250 HELP$/;
const right = 'login="monitor"\npasswd="hunter2"';
const wrong = 'login="monitor"\npasswd="hunter3"';
const hello: Case = { name: 'EHLO', ask: '', up: true, says: greeted };
const loggedIn = (name: string, ask = ''): Case => ({
  name,
  ask: `${right}\n${ask}`,
  up: true,
  says: /^response: 235 Authentication succeeded$/,
});
const refused = (name: string, ask = ''): Case => ({ name, ask: `${wrong}\n${ask}`, up: false, says: /^login: .*535/ });

export const exim: readonly Served[] = [
  {
    ...base,
    service: 'smtp',
    settings: 'as shipped, with PLAIN',
    start: () => startExim('tls_advertise_hosts = *', by('plain')),
    cases: [
      hello,
      { ...hello, name: 'STARTTLS', ask: 'tls=starttls' },
      loggedIn('right password', 'tls=starttls'),
      refused('wrong password', 'tls=starttls'),
      loggedIn('right password in clear'),
      ...certificateCases('tls=starttls', greeted),
      stopped(''),
    ],
  },
  {
    ...base,
    service: 'submission',
    settings: 'TLS with the first byte',
    start: () => startExim('tls_on_connect_ports = $port\ntls_advertise_hosts = *', by('login')),
    cases: [
      { ...hello, ask: 'tls=yes' },
      loggedIn('right password', 'tls=yes'),
      refused('wrong password', 'tls=yes'),
      ...certificateCases('tls=yes', greeted),
    ],
  },
  {
    ...base,
    service: 'smtp',
    settings: 'oldest: no TLS, LOGIN alone',
    start: () => startExim('', by('login')),
    cases: [
      hello,
      loggedIn('right password'),
      refused('wrong password'),
      { name: 'STARTTLS', ask: 'tls=starttls', up: false, says: /^starttls: / },
    ],
  },
  {
    ...base,
    service: 'smtp',
    settings: 'CRAM-MD5 alone',
    start: () => startExim('', by('cram-md5')),
    cases: [hello, { ...loggedIn('right password') }, { ...refused('wrong password') }],
  },
  {
    ...base,
    service: 'smtp',
    settings: 'strictest: full names, order, TLS 1.3 before a login',
    start: () =>
      startExim(
        `acl_smtp_helo = fully_qualified
smtp_enforce_sync = true
helo_allow_chars =
tls_advertise_hosts = *
tls_require_ciphers = NORMAL:-VERS-ALL:+VERS-TLS1.3
auth_advertise_hosts = \${if eq{$tls_in_cipher}{}{}{*}}`,
        by('plain'),
      ),
    cases: [
      hello,
      {
        ...loggedIn('right password', 'tls=starttls'),
      },
      { name: 'password in clear', ask: right, up: false, says: /^(login|query): / },
    ],
  },
  {
    ...base,
    service: 'smtp',
    settings: 'strictest: a client certificate required',
    start: () => startExim('tls_advertise_hosts = *\ntls_verify_hosts = *\ntls_verify_certificates = $/ca.pem'),
    cases: [
      { name: 'client certificate', ask: (server) => `tls=starttls\n${shown(server)}`, up: true, says: greeted },
      { name: 'no client certificate', ask: 'tls=starttls', up: false, says: /^(tls|query): / },
    ],
  },
  {
    ...base,
    service: 'smtp',
    settings: 'too busy: a 4xx greeting',
    start: () => startExim('acl_smtp_connect = busy'),
    cases: [{ name: 'EHLO', ask: '', up: false, says: /^greeting: .*451 too much to do/ }],
  },
];
