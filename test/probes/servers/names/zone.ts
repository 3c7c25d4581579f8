/** The zone that name servers are given, and what they are asked of it. */

import { listensUdp } from '../../../helpers/datagram-peer.js';
import { acceptsConnection, type Place } from '../../../helpers/servers/server-program.js';
import { type Case, stopped } from '../case.js';

export const origin = 'example.test';
const many = Array.from({ length: 60 }, (_, index) => `192.0.2.${index + 100}`);

export const zone = `$ORIGIN ${origin}.
$TTL 60
@ IN SOA ns1 root 7 3600 600 86400 60
@ IN NS ns1
@ IN MX 10 mail
@ IN TXT "v=spf1 -all"
ns1 IN A 192.0.2.1
mail IN A 192.0.2.2
web IN A 192.0.2.90
web IN AAAA 2001:db8::90
www IN CNAME web
_sip._udp IN SRV 1 2 5060 mail
${many.map((address) => `many IN A ${address}`).join('\n')}
`;

/** Both ways to ask are open. */
export async function listensBoth(place: Place): Promise<boolean> {
  return (await acceptsConnection(place)) && (await listensUdp(place));
}

export const askWeb = `request="web.${origin}"\nreceive="^192\\.0\\.2\\.90$"`;
const address = /^response: 192\.0\.2\.90$/;

export const upByAddress: Case = { name: 'address', ask: askWeb, up: true, says: address };
export const overTcp: Case = { ...upByAddress, name: 'address, over TCP', ask: `protocol=tcp\n${askWeb}` };
export const long: Case = {
  name: 'answer too long for a datagram',
  ask: `request="many.${origin}"\nreceive="192\\.0\\.2\\.159"`,
  up: true,
  says: /^response: 192\.0\.2\.1/,
};
export const stoppedNames: Case = stopped(askWeb);

export const absent: readonly Case[] = [
  {
    name: 'another address',
    ask: `request="web.${origin}"\nreceive="192\\.0\\.2\\.91"`,
    up: false,
    says: /^response: no match for .* in 192\.0\.2\.90$/,
  },
  { name: 'no such name', ask: `request="none.${origin}"`, up: false, says: /^response: NXDOMAIN for A of none/ },
  {
    name: 'no such record',
    ask: `request="ns1.${origin}"\ndnstype=AAAA`,
    up: false,
    says: /^response: no AAAA of ns1/,
  },
];
export const unknownZone: Case = {
  name: 'unknown zone',
  ask: 'request="www.example.org"',
  up: false,
  says: /^response: REFUSED for A of www/,
};

export const records: readonly Case[] = [
  { name: 'IPv6 address', ask: `request="web.${origin}"\ndnstype=AAAA\nreceive="^2001:db8::90$"`, up: true, says: /^/ },
  { name: 'text', ask: `request="${origin}"\ndnstype=TXT\nreceive="v=spf1 -all"`, up: true, says: /^/ },
  { name: 'mail server', ask: `request="${origin}"\ndnstype=MX\nreceive="^10 mail\\."`, up: true, says: /^/ },
  { name: 'service', ask: `request="_sip._udp.${origin}"\ndnstype=SRV\nreceive="5060"`, up: true, says: /^/ },
];

export const authoritative: readonly Case[] = [
  upByAddress,
  overTcp,
  { name: 'alias', ask: `request="www.${origin}"\nreceive="^192\\.0\\.2\\.90$"`, up: true, says: address },
  ...records,
  long,
  ...absent,
  unknownZone,
  stoppedNames,
];
