/** HAProxy, which answers by itself, or for a backend that is not there. */

import { type ServerProgram, startServer } from '../../../helpers/servers/server-program.js';
import { lacksFiles, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import { type Case, type Served, stopped } from '../case.js';
import { certificateCases, certificateFiles, expiredCase, oldSite, shown, site } from '../certificates.js';
import { head, http2, kept, page, receivesPage, statusCase, stoppedWeb, upByPage, upCase, wrongPage } from './pages.js';

const program = '/usr/sbin/haproxy';

interface Settings {
  readonly mode?: 'http' | 'tcp';
  /** Behind the address and port of `bind`; $ is the directory. */
  readonly bind?: string;
  readonly lines?: string;
}

const answers = `http-request return status 500 if { path /broken }
  http-request deny if { path /closed }
  http-request return status 200 content-type text/plain string "${page}" unless { path /proxied }
  default_backend nobody`;

function startHaproxy({ mode = 'http', bind = '', lines = answers }: Settings = {}): Promise<ServerProgram> {
  return startServer({
    program: located(program),
    args: ({ directory }) => ['-db', '-f', `${directory}/haproxy.cfg`],
    env: unpackedLibraries,
    files: ({ address, port, directory }) => ({
      'haproxy.cfg': `global
  nbthread 1
  maxconn 100
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  mode ${mode}
  retries 0
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend site
  bind ${address}:${port} ${bind.replaceAll('$', directory)}
  ${lines}
backend nobody
  server away 127.0.0.1:1
`,
      ...certificateFiles(),
    }),
  });
}

const base = { server: 'HAProxy', missing: lacksFiles(program) } as const;
const byName = `virtualhost="${site}"`;

/** What `connect` is told of: the kernel accepts for it, whatever it thinks of that. */
const accepted: Case = { name: 'connection', ask: '', up: true, says: /^connect: / };

export const haproxy: readonly Served[] = [
  {
    ...base,
    service: 'http',
    settings: 'HTTP/1.1',
    start: () => startHaproxy(),
    cases: [
      upCase(),
      head,
      kept,
      wrongPage,
      statusCase('broken page', '/broken', 500),
      statusCase('forbidden page', '/closed', 403),
      statusCase('backend away', '/proxied', 503),
      stoppedWeb,
    ],
  },
  {
    ...base,
    service: 'http',
    settings: 'HTTP/2 alone, in clear',
    start: () => startHaproxy({ bind: 'proto h2' }),
    cases: [http2, { name: 'HTTP/1.1', ask: receivesPage, up: false, says: /^response headers: / }],
  },
  {
    ...base,
    service: 'http',
    settings: 'oldest: connections closed, header names of old applications',
    start: () => startHaproxy({ lines: `option httpclose\n  option accept-invalid-http-request\n  ${answers}` }),
    cases: [upCase(), kept, head],
  },
  {
    ...base,
    service: 'https',
    settings: 'TLS 1.2 and 1.3, HTTP/1.1 and 2',
    start: () => startHaproxy({ bind: 'ssl crt $/both.pem crt $/old-both.pem alpn h2,http/1.1' }),
    cases: [
      upCase(),
      http2,
      kept,
      upCase('virtualhost="www.example.com."', 'name with a dot at its end'),
      statusCase('broken page', '/broken', 500),
      statusCase('backend away', '/proxied', 503),
      ...certificateCases(receivesPage, upByPage),
      expiredCase(receivesPage),
      stoppedWeb,
    ],
  },
  {
    ...base,
    service: 'https',
    settings: 'strictest: TLS 1.3, known names alone, a client certificate required',
    start: () =>
      startHaproxy({ bind: 'ssl crt $/both.pem strict-sni ssl-min-ver TLSv1.3 verify required ca-file $/ca.pem' }),
    cases: [
      {
        name: 'name and client certificate',
        ask: (server) => `${receivesPage}\n${byName}\n${shown(server)}`,
        up: true,
        says: upByPage,
      },
      {
        name: 'name with a dot at its end',
        ask: (server) => `${receivesPage}\nvirtualhost="${site}."\n${shown(server)}`,
        up: true,
        says: upByPage,
      },
      {
        name: 'unknown name',
        ask: (server) => `${receivesPage}\nvirtualhost="${oldSite}"\n${shown(server)}`,
        up: false,
        says: /^tls: /,
      },
      {
        name: 'no client certificate',
        ask: `${receivesPage}\n${byName}`,
        up: false,
        says: /^tls: the server wants a client certificate/,
      },
    ],
  },
  {
    ...base,
    service: 'https',
    settings: 'oldest: TLS 1.2, CBC, HTTP/1.1',
    start: () => startHaproxy({ bind: 'ssl crt $/both.pem ssl-max-ver TLSv1.2 ciphers ECDHE-ECDSA-AES128-SHA' }),
    cases: [upCase(), kept],
  },
  {
    ...base,
    service: 'connect',
    settings: 'connections passed on, nobody behind',
    start: () => startHaproxy({ mode: 'tcp', lines: 'default_backend nobody' }),
    cases: [accepted],
  },
  {
    ...base,
    service: 'http',
    settings: 'connections passed on, nobody behind',
    start: () => startHaproxy({ mode: 'tcp', lines: 'default_backend nobody' }),
    cases: [{ name: 'page', ask: receivesPage, up: false, says: /^(response headers|connect): / }],
  },
  {
    ...base,
    service: 'connect',
    settings: 'strictest: connections rejected once they are there',
    start: () => startHaproxy({ mode: 'tcp', lines: 'tcp-request connection reject' }),
    cases: [accepted],
  },
  {
    ...base,
    service: 'tls',
    settings: 'TLS ended here, nobody behind',
    start: () =>
      startHaproxy({ mode: 'tcp', bind: 'ssl crt $/both.pem crt $/old-both.pem', lines: 'default_backend nobody' }),
    cases: [
      { name: 'handshake', ask: '', up: true, says: /^tls: / },
      ...certificateCases(),
      expiredCase(),
      stopped(''),
    ],
  },
];
