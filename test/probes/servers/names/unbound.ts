/** Unbound, with nobody to ask but itself. */

import { brief } from '../../../helpers/check.js';
import { acceptsConnection, type ServerProgram, startServer } from '../../../helpers/servers/server-program.js';
import { lacksFiles, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import { type Case, type Served, stopped } from '../case.js';
import { certificateCases, certificateFiles } from '../certificates.js';
import { absent, askWeb, listensBoth, origin, overTcp, records, stoppedNames, upByAddress } from './zone.js';

const program = '/usr/sbin/unbound';

/** $ is the directory in the settings, and $port the port. */
function startUnbound(...settings: readonly string[]): Promise<ServerProgram> {
  return startServer({
    program: located(program),
    args: ({ directory }) => ['-d', '-p', '-c', `${directory}/unbound.conf`],
    env: unpackedLibraries,
    ready: settings.includes('do-udp: no') ? acceptsConnection : listensBoth,
    files: ({ address, port, directory }) => ({
      'unbound.conf': `server:
  interface: ${address}@${port}
  num-threads: 1
  username: ""
  chroot: ""
  directory: ${directory}
  use-syslog: no
  do-ip6: no
  module-config: "iterator"
  local-zone: "${origin}" static
  local-data: "${origin} SOA ns1.${origin} root.${origin} 7 3600 600 86400 60"
  local-data: '${origin} TXT "v=spf1 -all"'
  local-data: "${origin} MX 10 mail.${origin}"
  local-data: "ns1.${origin} A 192.0.2.1"
  local-data: "web.${origin} A 192.0.2.90"
  local-data: "web.${origin} AAAA 2001:db8::90"
  local-data: "_sip._udp.${origin} SRV 1 2 5060 mail.${origin}"
${settings.map((line) => `  ${line.replaceAll('$port', String(port)).replaceAll('$', directory)}\n`).join('')}
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@1
`,
      ...certificateFiles(),
    }),
  });
}

const base = { service: 'dns', server: 'Unbound', missing: lacksFiles(program) } as const;
const tls = ['tls-port: $port', 'tls-service-key: "$/key.pem"', 'tls-service-pem: "$/cert.pem"'];
const nobodyToAsk: Case = {
  name: 'nobody to pass a question on to',
  ask: 'request="www.example.org"',
  up: false,
  says: /^response: SERVFAIL for A of www/,
};

export const unbound: readonly Served[] = [
  {
    ...base,
    settings: 'as shipped',
    start: () => startUnbound(),
    cases: [upByAddress, overTcp, ...records, ...absent, nobodyToAsk, stoppedNames],
  },
  {
    ...base,
    settings: 'strictest: hardened, TCP alone',
    start: () =>
      startUnbound(
        'do-udp: no',
        'deny-any: yes',
        'minimal-responses: yes',
        'harden-large-queries: yes',
        'harden-short-bufsize: yes',
        'hide-identity: yes',
      ),
    cases: [overTcp, { ...upByAddress, name: 'over UDP', up: false, says: /^query: refused/ }],
  },
  {
    ...base,
    settings: 'oldest: datagrams of 512 bytes',
    start: () => startUnbound('edns-buffer-size: 512', 'max-udp-size: 512', 'minimal-responses: no'),
    cases: [upByAddress, overTcp],
  },
  {
    ...base,
    settings: 'director refused',
    start: () => startUnbound('access-control: 127.0.0.0/8 refuse'),
    cases: [{ name: 'address', ask: askWeb, up: false, says: /^response: REFUSED for A of web/ }],
  },
  {
    ...base,
    settings: 'director passed over',
    start: () => startUnbound('access-control: 127.0.0.0/8 deny'),
    cases: [{ name: 'address', ask: askWeb, up: false, within: brief, says: /^query: not done within 0.4 s$/ }],
  },
  {
    ...base,
    service: 'tls',
    settings: 'DNS over TLS',
    start: () => startUnbound(...tls),
    cases: [{ name: 'handshake', ask: '', up: true, says: /^tls: TLSv1.3$/ }, ...certificateCases(), stopped('')],
  },
];
