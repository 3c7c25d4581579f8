/** Caddy. */

import { type ServerProgram, startServer } from '../../../helpers/servers/server-program.js';
import { lacksFiles, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import type { Served } from '../case.js';
import { certificateCases, certificateFiles, expiredCase, oldSite, shown, site, verified } from '../certificates.js';
import { head, http2, kept, page, receivesPage, statusCase, stoppedWeb, upByPage, upCase, wrongPage } from './pages.js';

const program = '/usr/bin/caddy';

function startCaddy(file: (port: number, directory: string) => string, options = ''): Promise<ServerProgram> {
  return startServer({
    program: located(program),
    args: ({ directory }) => ['run', '--adapter', 'caddyfile', '--config', `${directory}/Caddyfile`],
    // Where it keeps its own files: in its directory, which it runs in.
    env: { ...unpackedLibraries, XDG_CONFIG_HOME: '.', XDG_DATA_HOME: '.', GOMAXPROCS: '1' },
    files: ({ address, port, directory }) => ({
      Caddyfile: `{
  admin off
  auto_https off
  default_bind ${address}
  ${options}
}
${file(port, directory)}`,
      'root/index.html': page,
      ...certificateFiles(),
    }),
  });
}

const content = (directory: string): string => `
  root * ${directory}/root
  respond /broken 500
  respond /closed 403
  reverse_proxy /proxied 127.0.0.1:1
  file_server`;

const secure =
  (name: string, certificate: string, options = '') =>
  (port: number, directory: string) =>
    `https://${name}:${port} {
  tls ${directory}/${certificate}cert.pem ${directory}/${certificate}key.pem {
    protocols tls1.2 tls1.3
    ${options.replaceAll('$directory', directory)}
  }
  ${content(directory)}
}
`;

const base = { server: 'Caddy', missing: lacksFiles(program) } as const;
const byName = `virtualhost="${site}"`;

export const caddy: readonly Served[] = [
  {
    ...base,
    service: 'http',
    settings: 'HTTP/1.1 and 2 in clear',
    start: () =>
      startCaddy((port, directory) => `:${port} {${content(directory)}\n}\n`, 'servers {\n protocols h1 h2c\n}'),
    cases: [
      upCase(),
      head,
      http2,
      kept,
      wrongPage,
      statusCase('no such page', '/none', 404),
      statusCase('broken page', '/broken', 500),
      statusCase('forbidden page', '/closed', 403),
      statusCase('backend away', '/proxied', 502),
      stoppedWeb,
    ],
  },
  {
    ...base,
    service: 'https',
    settings: 'TLS 1.2 and 1.3, by name',
    start: () =>
      startCaddy((port, directory) => secure(site, '')(port, directory) + secure(oldSite, 'old-')(port, directory)),
    cases: [
      upCase(byName),
      upCase(`${byName}\nhttpversion=2`, 'HTTP/2'),
      upCase(`${byName}\nkeepalive=yes`, 'kept connection'),
      {
        // Its certificate is found; the page is not, as little as by a browser, which sends Host with the dot.
        name: 'name with a dot at its end',
        ask: 'request="/index.html"\nvirtualhost="www.example.com."',
        up: true,
        says: /^response: status 200$/,
      },
      { name: 'no name', ask: receivesPage, up: false, says: /^tls: / },
      { name: 'unknown name', ask: `${receivesPage}\nvirtualhost="www.example.net"`, up: false, says: /^tls: / },
      ...certificateCases(`${receivesPage}\n${byName}`, upByPage).filter(({ name }) => !name.includes('another name')),
      expiredCase(`${receivesPage}\nvirtualhost="${oldSite}"`),
    ],
  },
  {
    ...base,
    service: 'https',
    settings: 'strictest: TLS 1.3, a client certificate required',
    start: () =>
      startCaddy(
        secure(
          site,
          '',
          'protocols tls1.3\nclient_auth {\nmode require_and_verify\ntrusted_ca_cert_file $directory/ca.pem\n}',
        ),
        'servers {\n strict_sni_host on\n}',
      ),
    cases: [
      {
        name: 'client certificate, HTTP/2',
        ask: (server) => `${receivesPage}\nhttpversion=2\n${byName}\n${verified(server)}\n${shown(server)}`,
        up: true,
        says: upByPage,
      },
      { name: 'no client certificate', ask: `${receivesPage}\nhttpversion=2\n${byName}`, up: false, says: /^tls: / },
      {
        name: 'client certificate, HTTP/1.1',
        ask: (server) => `${receivesPage}\n${byName}\n${shown(server)}`,
        up: true,
        says: upByPage,
      },
    ],
  },
  {
    ...base,
    service: 'https',
    settings: 'oldest: TLS 1.2, HTTP/1.1, CBC',
    start: () =>
      startCaddy(
        secure(site, '', 'protocols tls1.2 tls1.2\nciphers TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA'),
        'servers {\n protocols h1\n}',
      ),
    cases: [
      upCase(byName),
      { name: 'HTTP/2', ask: `${receivesPage}\n${byName}\nhttpversion=2`, up: false, says: /^tls: / },
    ],
  },
];
