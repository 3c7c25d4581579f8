/** NSD. */

import { type ServerProgram, startServer } from '../../../helpers/servers/server-program.js';
import { lacksFiles, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import type { Served } from '../case.js';
import { absent, authoritative, listensBoth, long, origin, overTcp, unknownZone, upByAddress, zone } from './zone.js';

const program = '/usr/sbin/nsd';

function startNsd(...settings: readonly string[]): Promise<ServerProgram> {
  return startServer({
    program: located(program),
    args: ({ directory }) => ['-d', '-c', `${directory}/nsd.conf`],
    env: unpackedLibraries,
    ready: listensBoth,
    files: ({ address, port, directory }) => ({
      'nsd.conf': `server:
  ip-address: ${address}@${port}
  port: ${port}
  server-count: 1
  username: ""
  chroot: ""
  zonesdir: ${directory}
  database: ""
  pidfile: ${directory}/pid
  xfrdfile: ${directory}/xfrd
  xfrdir: ${directory}
  zonelistfile: ${directory}/zones
${settings.map((line) => `  ${line}\n`).join('')}
remote-control:
  control-enable: no
zone:
  name: ${origin}
  zonefile: zone
`,
      zone,
    }),
  });
}

const base = { service: 'dns', server: 'NSD', missing: lacksFiles(program) } as const;

export const nsd: readonly Served[] = [
  { ...base, settings: 'as shipped', start: () => startNsd(), cases: authoritative },
  {
    ...base,
    settings: 'strictest: least answers, few questions',
    start: () => startNsd('minimal-responses: yes', 'refuse-any: yes', 'hide-version: yes', 'rrl-ratelimit: 200'),
    cases: [upByAddress, overTcp, long, ...absent, unknownZone],
  },
  {
    ...base,
    settings: 'oldest: datagrams of 512 bytes',
    start: () => startNsd('ipv4-edns-size: 512', 'round-robin: no', 'tcp-query-count: 1'),
    cases: [upByAddress, long],
  },
];
