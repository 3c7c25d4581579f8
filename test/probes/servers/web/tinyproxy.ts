/** tinyproxy, with a page of this process behind it. */

import { startServer } from '../../../helpers/servers/server-program.js';
import { lacksFiles, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import { inFrontOf, startPage } from '../behind.js';
import { type Case, type Served, type Started, stopped } from '../case.js';
import { page, upByPage } from './pages.js';

const program = '/usr/bin/tinyproxy';

/** In the settings, $ is the directory. */
function startTinyproxy(...settings: readonly string[]): Promise<Started> {
  return inFrontOf(startPage(page), () =>
    startServer({
      program: located(program),
      args: ({ directory }) => ['-d', '-c', `${directory}/tinyproxy.conf`],
      env: unpackedLibraries,
      files: ({ address, port, directory }) => ({
        'tinyproxy.conf': [`Listen ${address}`, `Port ${port}`, 'Timeout 30', 'LogLevel Warning', ...settings, '']
          .join('\n')
          .replaceAll('$', directory),
        allowed: '^127\\.0\\.0\\.1$\n',
      }),
    }),
  );
}

const base = { server: 'tinyproxy', missing: lacksFiles(program), service: 'http_proxy' } as const;

function through(name: string, path: string, ask: string, up: boolean, says: RegExp): Case {
  return { name, ask: ({ behind }) => `request="http://127.0.0.1:${behind}${path}"\n${ask}`, up, says };
}

const receive = `receive="${page}"`;
const login = 'httpauth=basic\nlogin="monitor"';

export const tinyproxy: readonly Served[] = [
  {
    ...base,
    settings: 'as shipped',
    start: () => startTinyproxy('Allow 127.0.0.1'),
    cases: [
      through('page', '/', receive, true, upByPage),
      through('kept connection', '/', `${receive}\nkeepalive=yes`, true, upByPage),
      through('HEAD', '/', 'httpmethod=HEAD', true, /^response: status 200$/),
      through('another page', '/', 'receive="farewell"', false, /no match for "farewell"/),
      through('broken page', '/broken', '', false, /^response: status 500$/),
      { name: 'origin away', ask: 'request="http://127.0.0.1:1/"', up: false, says: /^response: status 50\d$/ },
      {
        ...stopped(({ behind }) => `request="http://127.0.0.1:${behind}/"\n${receive}`),
        says: /^response headers: not done within 0.4 s$/,
      },
    ],
  },
  {
    ...base,
    settings: 'strictest: a password, listed sites alone, no ports to connect to',
    start: () =>
      startTinyproxy(
        'Allow 127.0.0.1',
        'BasicAuth monitor hunter2',
        'Filter "$/allowed"',
        'FilterDefaultDeny Yes',
        'FilterExtended On',
        'DisableViaHeader Yes',
        'ConnectPort 443',
      ),
    cases: [
      through('right password', '/', `${login}\npasswd="hunter2"\n${receive}`, true, upByPage),
      through('wrong password', '/', `${login}\npasswd="hunter3"`, false, /^response: status 40[17]$/),
      through('no password', '/', '', false, /^response: status 407$/),
      {
        name: 'site that is not listed',
        ask: `request="http://www.example.com/"\n${login}\npasswd="hunter2"`,
        up: false,
        says: /^response: status 403$/,
      },
    ],
  },
  {
    ...base,
    settings: 'director not allowed',
    start: () => startTinyproxy('Deny 127.0.0.1'),
    cases: [through('page', '/', receive, false, /^response: status 403$/)],
  },
];
