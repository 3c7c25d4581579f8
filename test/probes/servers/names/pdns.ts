/** PowerDNS's authoritative server, with a zone file. */

import { type ServerProgram, startServer } from '../../../helpers/servers/server-program.js';
import { lacksFiles, located, ownLibrary, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import type { Served } from '../case.js';
import { absent, authoritative, listensBoth, long, origin, overTcp, upByAddress, zone } from './zone.js';

const program = '/usr/sbin/pdns_server';
const backends = `${ownLibrary()}/pdns`;

function startPdns(...settings: readonly string[]): Promise<ServerProgram> {
  return startServer({
    program: located(program),
    args: ({ directory }) => [`--config-dir=${directory}`],
    env: unpackedLibraries,
    ready: listensBoth,
    files: ({ address, port, directory }) => ({
      'pdns.conf': [
        `module-dir=${located(backends)}`,
        'launch=bind',
        `bind-config=${directory}/zones`,
        `local-address=${address}`,
        `local-port=${port}`,
        `socket-dir=${directory}`,
        'daemon=no',
        'guardian=no',
        'disable-syslog=yes',
        'security-poll-suffix=',
        'distributor-threads=1',
        ...settings,
        '',
      ].join('\n'),
      zones: `zone "${origin}" { type master; file "${directory}/zone"; };\n`,
      zone,
    }),
  });
}

const base = {
  service: 'dns',
  server: 'PowerDNS',
  missing: lacksFiles(program, `${backends}/libbindbackend.so`),
} as const;

export const pdns: readonly Served[] = [
  { ...base, settings: 'as shipped', start: () => startPdns(), cases: authoritative },
  {
    ...base,
    settings: 'strictest: as little as can be said',
    start: () =>
      startPdns('any-to-tcp=yes', 'version-string=anonymous', 'disable-axfr=yes', 'max-tcp-transactions-per-conn=1'),
    cases: [upByAddress, overTcp, long, ...absent],
  },
  {
    ...base,
    settings: 'oldest: datagrams of 512 bytes',
    start: () => startPdns('udp-truncation-threshold=512', 'cache-ttl=0'),
    cases: [upByAddress, long],
  },
];
