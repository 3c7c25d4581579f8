/** Knot DNS. */

import { mkdir } from 'node:fs/promises';
import { type ServerProgram, startServer } from '../../../helpers/servers/server-program.js';
import { lacksFiles, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import type { Served } from '../case.js';
import { absent, authoritative, listensBoth, long, origin, overTcp, unknownZone, upByAddress, zone } from './zone.js';

const program = '/usr/sbin/knotd';

/** Lines of the section `server`, and sections of their own. */
function startKnot(settings: readonly string[] = [], sections = '', modules = ''): Promise<ServerProgram> {
  return startServer({
    program: located(program),
    args: ({ directory }) => ['-c', `${directory}/knot.conf`],
    env: unpackedLibraries,
    ready: listensBoth,
    files: ({ address, port, directory }) => ({
      'knot.conf': `server:
  rundir: ${directory}
  listen: ${address}@${port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
${settings.map((line) => `  ${line}\n`).join('')}
log:
- target: stderr
  any: warning
database:
  storage: ${directory}/database
${sections}
zone:
- domain: ${origin}
  storage: ${directory}
  file: zone
  journal-content: none
${modules}
`,
      zone,
    }),
    prepare: async ({ directory }) => void (await mkdir(`${directory}/database`)),
  });
}

const base = { service: 'dns', server: 'Knot', missing: lacksFiles(program) } as const;

export const knot: readonly Served[] = [
  { ...base, settings: 'as shipped', start: () => startKnot(), cases: authoritative },
  {
    ...base,
    settings: 'strictest: no answers over UDP but to come over TCP',
    start: () => startKnot(['answer-rotation: on'], '', '  module: mod-noudp'),
    cases: [upByAddress, overTcp, long, ...absent],
  },
  {
    ...base,
    settings: 'oldest: smallest datagrams, one client over TCP',
    start: () => startKnot(['udp-max-payload: 1232', 'tcp-max-clients: 1']),
    cases: [upByAddress, long, unknownZone],
  },
];
