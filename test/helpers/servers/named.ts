/** BIND from its package, with one zone and its reverse. */

import { lacks } from '../programs.js';
import { type ServerProgram, startServer } from './server-program.js';

export const namedMissing = lacks('named');

export function startNamed(): Promise<ServerProgram> {
  return startServer({
    program: 'named',
    // Without -g it would go to the background; -n keeps it to one thread.
    args: ({ directory }) => ['-g', '-n', '1', '-c', `${directory}/named.conf`],
    files: ({ directory, address, port }) => ({
      'named.conf': settings(directory, address, port),
      'example.com': zone,
      reverse: reverse('10 PTR www.example.com.'),
      reverse6: reverse('1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 PTR six.example.com.'),
    }),
  });
}

function settings(directory: string, address: string, port: number): string {
  return `options {
  directory "${directory}";
  listen-on port ${port} { ${address}; };
  listen-on-v6 { none; };
  pid-file none;
  session-keyfile none;
  recursion no;
  dnssec-validation no;
};
controls { };
zone "example.com" { type primary; file "example.com"; };
zone "2.0.192.in-addr.arpa" { type primary; file "reverse"; };
zone "8.b.d.0.1.0.0.2.ip6.arpa" { type primary; file "reverse6"; };
`;
}

const zone = `$TTL 60
@ SOA ns root 7 3600 600 86400 60
@ NS ns
@ MX 10 mail
@ CAA 0 issue "ca.example.net"
@ TXT "v=spf1 -all"
@ NAPTR 100 10 "U" "E2U+sip" "!^.*$!sip:info@example.com!" .
ns A 192.0.2.1
mail A 192.0.2.2
www A 192.0.2.10
www A 192.0.2.11
six AAAA 2001:db8::1
alias CNAME www
aliases CNAME alias
elsewhere CNAME www.example.net.
_sip._udp SRV 1 2 5060 sip
sip A 192.0.2.3
${Array.from({ length: 100 }, (_, index) => `many A 192.0.2.${index + 100}`).join('\n')}
`;

function reverse(record: string): string {
  return `$TTL 60
@ SOA ns.example.com. root.example.com. 1 3600 600 86400 60
@ NS ns.example.com.
${record}
`;
}
