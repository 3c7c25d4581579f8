/** Varnish, whose configuration is compiled. */

import { lacks } from '../../../helpers/programs.js';
import { type ServerProgram, startServer } from '../../../helpers/servers/server-program.js';
import { lacksFiles, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import type { Served } from '../case.js';
import { head, http2, kept, page, statusCase, stoppedWeb, upCase, wrongPage } from './pages.js';

const program = '/usr/sbin/varnishd';

function startVarnish(...options: readonly string[]): Promise<ServerProgram> {
  return startServer({
    program: located(program),
    args: ({ address, port, directory }) => [
      ...['-F', '-j', 'none', '-n', `${directory}/work`, '-f', `${directory}/site.vcl`],
      ...[
        '-a',
        `${address}:${port}`,
        '-T',
        'none',
        '-s',
        'malloc,4m',
        '-p',
        'thread_pools=1',
        '-p',
        'thread_pool_min=5',
      ],
      ...options,
    ],
    env: unpackedLibraries,
    files: () => ({
      'site.vcl': `vcl 4.1;
backend away { .host = "127.0.0.1"; .port = "1"; }
sub vcl_recv {
  if (req.url == "/broken") { return (synth(500)); }
  if (req.url == "/none") { return (synth(404)); }
  if (req.url != "/proxied") { return (synth(200)); }
}
sub vcl_synth {
  if (resp.status == 200) { synthetic("${page}"); return (deliver); }
}
`,
    }),
  });
}

const base = { server: 'Varnish', missing: lacksFiles(program) || lacks('gcc') } as const;

export const varnish: readonly Served[] = [
  {
    ...base,
    service: 'http',
    settings: 'HTTP/1.1 and 2 in clear',
    start: () => startVarnish('-p', 'feature=+http2'),
    cases: [
      upCase(),
      head,
      kept,
      http2,
      wrongPage,
      statusCase('no such page', '/none', 404),
      statusCase('broken page', '/broken', 500),
      statusCase('backend away', '/proxied', 503),
      stoppedWeb,
    ],
  },
  {
    ...base,
    service: 'http',
    settings: 'strictest: short requests of few headers alone',
    start: () =>
      startVarnish(
        '-p',
        'http_req_size=512',
        '-p',
        'http_req_hdr_len=256',
        '-p',
        'http_max_hdr=32',
        '-p',
        'http_range_support=off',
      ),
    cases: [upCase(), head, kept],
  },
];
