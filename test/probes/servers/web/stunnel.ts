/** stunnel, with a page of this process behind it. */

import { startServer } from '../../../helpers/servers/server-program.js';
import { lacksFiles, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import { inFrontOf, startPage } from '../behind.js';
import { type Served, type Started, stopped } from '../case.js';
import { certificateCases, certificateFiles, expiredCase, oldSite, shown } from '../certificates.js';
import { kept, page, receivesPage, statusCase, stoppedWeb, upByPage, upCase } from './pages.js';

const program = '/usr/bin/stunnel4';

/** In the settings, $ is the directory; `connect` is where it passes on to, in the place of the page. */
function startStunnel(settings: readonly string[], connect?: number): Promise<Started> {
  return inFrontOf(startPage(page), (behind) =>
    startServer({
      program: located(program),
      args: ({ directory }) => [`${directory}/stunnel.conf`],
      env: unpackedLibraries,
      files: ({ address, port, directory }) => ({
        'stunnel.conf': [
          'foreground = yes',
          'pid =',
          'syslog = no',
          '[site]',
          `accept = ${address}:${port}`,
          `connect = 127.0.0.1:${connect ?? behind}`,
          'cert = $/both.pem',
          'TIMEOUTclose = 0',
          ...settings,
          '',
        ]
          .join('\n')
          .replaceAll('$', directory),
        ...certificateFiles(),
      }),
    }),
  );
}

const base = { server: 'stunnel', missing: lacksFiles(program) } as const;
/** It passes on to nobody: its certificate is looked at. */
const old = ['[old]', `sni = site:${oldSite}`, 'connect = 127.0.0.1:1', 'cert = $/old-both.pem'];

export const stunnel: readonly Served[] = [
  {
    ...base,
    service: 'https',
    settings: 'as shipped',
    start: () => startStunnel(old),
    cases: [
      upCase(),
      kept,
      statusCase('broken page', '/broken', 500),
      ...certificateCases(receivesPage, upByPage),
      stoppedWeb,
    ],
  },
  {
    ...base,
    service: 'https',
    settings: 'oldest: TLS 1.2, CBC, no tickets, no sessions',
    start: () =>
      startStunnel([
        'sslVersionMax = TLSv1.2',
        'ciphers = ECDHE-ECDSA-AES128-SHA',
        'options = NO_TICKET',
        'sessionCacheSize = 1',
      ]),
    cases: [upCase(), kept],
  },
  {
    ...base,
    service: 'https',
    settings: 'strictest: TLS 1.3, a client certificate required',
    start: () => startStunnel(['sslVersionMin = TLSv1.3', 'verifyChain = yes', 'CAfile = $/ca.pem']),
    cases: [
      { name: 'client certificate', ask: (server) => `${receivesPage}\n${shown(server)}`, up: true, says: upByPage },
      { name: 'no client certificate', ask: receivesPage, up: false, says: /^tls: the server wants a client cert/ },
    ],
  },
  {
    ...base,
    service: 'https',
    settings: 'nobody behind',
    start: () => startStunnel([], 1),
    cases: [{ name: 'page', ask: receivesPage, up: false, says: /^(response headers|tls|connect): / }],
  },
  {
    ...base,
    service: 'tls',
    settings: 'as shipped',
    start: () => startStunnel(old),
    cases: [
      { name: 'handshake', ask: '', up: true, says: /^tls: TLSv1.3$/ },
      ...certificateCases(),
      expiredCase(),
      stopped(''),
    ],
  },
];
