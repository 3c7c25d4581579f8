/** dnsmasq, with records of its own and nobody to ask. */

import { type ServerProgram, startServer } from '../../../helpers/servers/server-program.js';
import { lacksFiles, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import type { Served } from '../case.js';
import { absent, listensBoth, origin, overTcp, records, stoppedNames, unknownZone, upByAddress } from './zone.js';

const program = '/usr/sbin/dnsmasq';

function startDnsmasq(...settings: readonly string[]): Promise<ServerProgram> {
  return startServer({
    program: located(program),
    args: ({ address, port, directory }) => [
      ...['--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--bind-interfaces'],
      ...[`--listen-address=${address}`, `--port=${port}`, `--pid-file=${directory}/pid`, '--log-facility=-'],
      ...(process.getuid?.() === 0 ? ['--user=root'] : []),
      `--local=/${origin}/`,
      `--host-record=ns1.${origin},192.0.2.1`,
      `--host-record=web.${origin},192.0.2.90,2001:db8::90`,
      `--txt-record=${origin},v=spf1 -all`,
      `--mx-host=${origin},mail.${origin},10`,
      `--srv-host=_sip._udp.${origin},mail.${origin},5060,1,2`,
      ...settings,
    ],
    env: unpackedLibraries,
    ready: listensBoth,
  });
}

const base = { service: 'dns', server: 'dnsmasq', missing: lacksFiles(program) } as const;

export const dnsmasq: readonly Served[] = [
  {
    ...base,
    settings: 'as shipped',
    start: () => startDnsmasq(),
    cases: [upByAddress, overTcp, ...records, ...absent, unknownZone, stoppedNames],
  },
  {
    ...base,
    settings: 'strictest: local questions alone, no rebinding',
    start: () =>
      startDnsmasq('--local-service', '--stop-dns-rebind', '--domain-needed', '--bogus-priv', '--filterwin2k'),
    cases: [upByAddress, overTcp],
  },
  {
    ...base,
    settings: 'oldest: datagrams of 512 bytes, no cache',
    start: () => startDnsmasq('--edns-packet-max=512', '--cache-size=0'),
    cases: [upByAddress, ...absent],
  },
];
