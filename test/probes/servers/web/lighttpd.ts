/** lighttpd. */

import { chmod } from 'node:fs/promises';
import { type ServerProgram, startServer } from '../../../helpers/servers/server-program.js';
import { lacksFiles, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import type { Served } from '../case.js';
import { certificateCases, certificateFiles, shown } from '../certificates.js';
import { head, http2, kept, page, receivesPage, statusCase, stoppedWeb, upByPage, upCase, wrongPage } from './pages.js';

const program = '/usr/sbin/lighttpd';
const modules = '/usr/lib/lighttpd';

function startLighttpd(settings: (directory: string) => string): Promise<ServerProgram> {
  return startServer({
    program: located(program),
    args: ({ directory }) => ['-D', '-m', located(modules), '-f', `${directory}/lighttpd.conf`],
    env: unpackedLibraries,
    files: ({ address, port, directory }) => ({
      'lighttpd.conf': `server.bind = "${address}"
server.port = ${port}
server.document-root = "${directory}/root"
server.modules = ("mod_access", "mod_auth", "mod_authn_file", "mod_proxy", "mod_redirect", "mod_openssl")
index-file.names = ("index.html")
url.access-deny = (".closed")
url.redirect = ("^/moved$" => "/index.html")
auth.backend = "plain"
auth.backend.plain.userfile = "${directory}/users"
auth.require = ("/private" => ("method" => "basic", "realm" => "closed", "require" => "valid-user"))
$HTTP["url"] =~ "^/proxied" { proxy.server = ("" => (("host" => "127.0.0.1", "port" => 1))) }
${settings(directory)}
`,
      users: 'monitor:hunter2\n',
      'root/index.html': page,
      'root/private/index.html': page,
      'root/page.closed': page,
      ...certificateFiles(),
    }),
    prepare: ({ directory }) => chmod(directory, 0o755),
  });
}

const tls = (directory: string, protocol: string, ...lines: readonly string[]): string =>
  [
    'ssl.engine = "enable"',
    `ssl.pemfile = "${directory}/cert.pem"`,
    `ssl.privkey = "${directory}/key.pem"`,
    `ssl.openssl.ssl-conf-cmd = (${protocol})`,
    ...lines,
  ].join('\n');

const base = { server: 'lighttpd', missing: lacksFiles(program, `${modules}/mod_openssl.so`) } as const;
const login = `request="/private/index.html"\nhttpauth=basic\nlogin="monitor"`;

export const lighttpd: readonly Served[] = [
  {
    ...base,
    service: 'http',
    settings: 'HTTP/1.1 and 2 in clear',
    start: () => startLighttpd(() => 'server.feature-flags = ("server.h2proto" => "enable", "server.h2c" => "enable")'),
    cases: [
      upCase(),
      head,
      kept,
      http2,
      wrongPage,
      { name: 'redirect', ask: `request="/moved"\nreceive="${page}"`, up: true, says: upByPage },
      statusCase('no such page', '/none', 404),
      statusCase('forbidden page', '/page.closed', 403),
      statusCase('backend away', '/proxied', 503),
      { name: 'right password', ask: `${login}\npasswd="hunter2"\nreceive="${page}"`, up: true, says: upByPage },
      { name: 'wrong password', ask: `${login}\npasswd="hunter3"`, up: false, says: /^response: status 401$/ },
      stoppedWeb,
    ],
  },
  {
    ...base,
    service: 'http',
    settings: 'strictest: strict headers, names and addresses',
    start: () =>
      startLighttpd(
        () => `server.http-parseopts = ("header-strict" => "enable", "host-strict" => "enable", "url-ctrls-reject" => "enable")
server.max-keep-alive-requests = 1
server.max-request-field-size = 512`,
      ),
    cases: [upCase(), kept, head, upCase('virtualhost="www.example.com."', 'name with a dot at its end')],
  },
  {
    ...base,
    service: 'http',
    settings: 'oldest: HTTP/1.0',
    start: () => startLighttpd(() => 'server.protocol-http11 = "disable"\nserver.max-keep-alive-requests = 0'),
    cases: [upCase(), kept, head, statusCase('no such page', '/none', 404)],
  },
  {
    ...base,
    service: 'https',
    settings: 'TLS 1.2 and 1.3',
    start: () => startLighttpd((directory) => tls(directory, '"MinProtocol" => "TLSv1.2"')),
    cases: [upCase(), http2, kept, ...certificateCases(receivesPage, upByPage), stoppedWeb],
  },
  {
    ...base,
    service: 'https',
    settings: 'strictest: TLS 1.3, a client certificate required',
    start: () =>
      startLighttpd((directory) =>
        tls(
          directory,
          '"MinProtocol" => "TLSv1.3"',
          `ssl.ca-file = "${directory}/ca.pem"`,
          'ssl.verifyclient.activate = "enable"',
          'ssl.verifyclient.enforce = "enable"',
        ),
      ),
    cases: [
      { name: 'client certificate', ask: (server) => `${receivesPage}\n${shown(server)}`, up: true, says: upByPage },
      { name: 'no client certificate', ask: receivesPage, up: false, says: /^tls: the server wants a client cert/ },
    ],
  },
  {
    ...base,
    service: 'https',
    settings: 'oldest: TLS 1.2, CBC, HTTP/1.0',
    start: () =>
      startLighttpd(
        (directory) =>
          `${tls(directory, '"MinProtocol" => "TLSv1.2", "MaxProtocol" => "TLSv1.2", "CipherString" => "ECDHE-ECDSA-AES128-SHA"')}
server.protocol-http11 = "disable"`,
      ),
    cases: [upCase(), kept],
  },
];
