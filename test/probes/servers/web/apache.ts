/** Apache httpd. */

import { createHash } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import type { Place, ServerProgram } from '../../../helpers/servers/server-program.js';
import { startServer } from '../../../helpers/servers/server-program.js';
import { lacksFiles, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import type { Case, Served } from '../case.js';
import { certificateCases, certificateFiles, expiredCase, oldSite, shown, site, verified } from '../certificates.js';
import { head, http2, kept, page, receivesPage, statusCase, stoppedWeb, upByPage, upCase, wrongPage } from './pages.js';

const program = '/usr/sbin/apache2';
const modules = [
  ...['mpm_event', 'authz_core', 'authn_core', 'authn_file', 'auth_basic', 'authz_user', 'alias', 'dir', 'setenvif'],
  ...['proxy', 'proxy_http', 'ssl', 'socache_shmcb', 'http2'],
];

/** The settings hold for the one site; `old` is for a second one under TLS. */
function startApache(settings: (directory: string) => string, old = false): Promise<ServerProgram> {
  return startServer({
    program: located(program),
    args: ({ directory }) => ['-DFOREGROUND', '-f', `${directory}/httpd.conf`],
    env: unpackedLibraries,
    files: (place) => ({
      'httpd.conf': general(place, settings(place.directory), old),
      users: `monitor:{SHA}${createHash('sha1').update('hunter2').digest('base64')}\n`,
      'root/index.html': page,
      'root/folder/index.html': page,
      ...certificateFiles(),
    }),
    prepare: ({ directory }) => chmod(directory, 0o755),
  });
}

function general({ address, port, directory }: Place, settings: string, old: boolean): string {
  const vhost = (name: string, lines: string) => `<VirtualHost ${address}:${port}>
ServerName ${name}
DocumentRoot ${directory}/root
${lines}
</VirtualHost>
`;
  const second = `SSLEngine on\nSSLCertificateFile ${directory}/old-cert.pem\nSSLCertificateKeyFile ${directory}/old-key.pem`;
  return `ServerRoot ${directory}
ServerName ${site}
DefaultRuntimeDir ${directory}
Mutex file:${directory}
PidFile ${directory}/pid
ErrorLog ${directory}/error.log
Listen ${address}:${port}
StartServers 1
ThreadsPerChild 10
MaxRequestWorkers 20
${process.getuid?.() === 0 ? 'User nobody\nGroup nogroup' : ''}
${modules.map((name) => `LoadModule ${name}_module ${located('/usr/lib/apache2/modules')}/mod_${name}.so`).join('\n')}
Redirect 500 /broken
Redirect 410 /gone
ProxyPass /proxied http://127.0.0.1:1/
<Location /closed>
  Require all denied
</Location>
<Location /private>
  AuthType Basic
  AuthName closed
  AuthUserFile ${directory}/users
  Require valid-user
</Location>
Alias /private ${directory}/root
${vhost(site, settings)}
${old ? vhost(oldSite, second) : ''}
`;
}

const tls = (directory: string, ...lines: readonly string[]): string =>
  [
    'SSLEngine on',
    `SSLCertificateFile ${directory}/cert.pem`,
    `SSLCertificateKeyFile ${directory}/key.pem`,
    ...lines,
  ].join('\n');

const login = 'login="monitor"\nhttpauth=basic';

const plain: readonly Case[] = [
  upCase(),
  head,
  kept,
  http2,
  wrongPage,
  { name: 'folder, redirected', ask: 'request="/folder"', up: true, says: /^response: status 200$/ },
  statusCase('no such page', '/none', 404),
  statusCase('broken page', '/broken', 500),
  statusCase('page that is gone', '/gone', 410),
  statusCase('forbidden page', '/closed', 403),
  statusCase('backend away', '/proxied', 503),
  upCase(`${login}\npasswd="hunter2"`, 'no password needed'),
  {
    name: 'right password',
    ask: `request="/private/index.html"\nreceive="${page}"\n${login}\npasswd="hunter2"`,
    up: true,
    says: upByPage,
  },
  statusCase('wrong password', '/private/index.html', 401, `${login}\npasswd="hunter3"`),
  stoppedWeb,
];

const base = { server: 'Apache httpd', missing: lacksFiles(program) } as const;

export const apache: readonly Served[] = [
  {
    ...base,
    service: 'http',
    settings: 'HTTP/1.1 and 2 in clear',
    start: () => startApache(() => 'Protocols h2c http/1.1'),
    cases: plain,
  },
  {
    ...base,
    service: 'http',
    settings: 'oldest: HTTP/1.0, no kept connections',
    start: () => startApache(() => 'SetEnvIf Request_Protocol . downgrade-1.0 force-response-1.0 nokeepalive'),
    cases: [upCase(), head, kept, statusCase('no such page', '/none', 404)],
  },
  {
    ...base,
    service: 'http',
    settings: 'strictest: strict HTTP, registered methods',
    start: () => startApache(() => 'HttpProtocolOptions Strict RegisteredMethods Require1.0\nTraceEnable off'),
    cases: [
      upCase(),
      head,
      upCase('virtualhost="www.example.com."', 'name with a dot at its end'),
      upCase('requestheader="X-Probe: läuft"', 'header that is not ASCII'),
    ],
  },
  {
    ...base,
    service: 'https',
    settings: 'TLS 1.2 and 1.3',
    start: () => startApache((directory) => tls(directory, 'Protocols h2 http/1.1'), true),
    cases: [
      upCase(),
      http2,
      kept,
      upCase(`virtualhost="${site}"`, 'by name'),
      upCase('virtualhost="www.example.com."', 'name with a dot at its end'),
      ...certificateCases(receivesPage, upByPage),
      expiredCase(receivesPage),
      statusCase('broken page', '/broken', 500),
      stoppedWeb,
    ],
  },
  {
    ...base,
    service: 'https',
    settings: 'strictest: TLS 1.3, a known name and a client certificate required',
    start: () =>
      startApache(
        (directory) =>
          `${tls(directory, 'SSLProtocol TLSv1.3', 'SSLVerifyClient require', `SSLCACertificateFile ${directory}/ca.pem`)}
SSLStrictSNIVHostCheck on`,
        true,
      ),
    cases: [
      {
        name: 'client certificate',
        ask: (server) => `${receivesPage}\nvirtualhost="${site}"\n${verified(server)}\n${shown(server)}`,
        up: true,
        says: upByPage,
      },
      {
        name: 'no client certificate',
        ask: `${receivesPage}\nvirtualhost="${site}"`,
        up: false,
        says: /^tls: the server wants a client certificate/,
      },
      {
        name: 'no name',
        ask: (server) => `${receivesPage}\n${shown(server)}`,
        up: false,
        says: /^response: status 403$/,
      },
    ],
  },
  {
    ...base,
    service: 'https',
    settings: 'oldest: TLS 1.2, CBC, HTTP/1.0',
    start: () =>
      startApache(
        (directory) =>
          `${tls(directory, 'SSLProtocol TLSv1.2', 'SSLCipherSuite ECDHE-ECDSA-AES128-SHA')}
SetEnvIf Request_Protocol . downgrade-1.0 force-response-1.0 nokeepalive`,
      ),
    cases: [upCase(), kept, ...certificateCases(receivesPage, upByPage).slice(0, 1)],
  },
  {
    ...base,
    service: 'https',
    settings: 'older than any client of today: TLS 1.0 alone',
    start: () => startApache((directory) => tls(directory, 'SSLProtocol TLSv1', 'SSLCipherSuite ALL:@SECLEVEL=0')),
    cases: [{ name: 'page', ask: receivesPage, up: false, says: /^tls: / }],
  },
];
