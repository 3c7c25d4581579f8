/** The directives that make up a section: what is balanced to whom, and which service is checked how. */

import type { RealServer } from '../../../model/config.js';
import { datagramPorts } from '../../service-lists.js';
import { extension, row, word } from '../directive.js';
import * as extended from '../extension-values.js';
import { fallbackServer, type WrittenFallback } from '../fallback.js';
import { realServers } from '../real-server.js';
import * as read from '../values.js';
import { virtualAddress } from '../virtual-address.js';

const none = { words: '' } as const;
const servers = {
  ...none,
  ...word,
  join(earlier: RealServer[], more: readonly RealServer[]): RealServer[] {
    for (const server of more) earlier.push(server);
    return earlier;
  },
} as const;

const fallbacks = {
  ...word,
  join: (earlier: readonly WrittenFallback[], more: readonly WrittenFallback[]) => [...earlier, ...more],
} as const;

export const sectionDirectives = {
  virtual: row(
    'global',
    virtualAddress('inet'),
    null,
    'opens the section of a virtual service: `ADDRESS:PORT`, the number of a firewall mark, or `ADDRESS` with `ports`',
    none,
  ),
  virtual6: row(
    'global',
    virtualAddress('inet6'),
    null,
    'the same for IPv6: `[ADDRESS]:PORT`, or a firewall mark',
    none,
  ),
  real: row(
    'virtual',
    realServers('inet'),
    null,
    'a real server, or a range of them: `ADDRESS[->ADDRESS][:PORT]`, then gate, masq or ipip, then `[WEIGHT] ["REQUEST","RECEIVE"] [l:NUMBER] [u:NUMBER]`',
    servers,
  ),
  real6: row('virtual', realServers('inet6'), null, 'a real server of an IPv6 service: `[ADDRESS]:PORT …`', servers),
  fallback: row(
    'both',
    fallbackServer('inet'),
    null,
    'the server that answers while no real server is up: `ADDRESS[:PORT]`, then gate, masq or ipip; of several lines the last counts, or as `fallbackuse` says',
    fallbacks,
  ),
  fallback6: row('both', fallbackServer('inet6'), null, 'the same for IPv6 services', fallbacks),
  protocol: row(
    'virtual',
    read.protocol,
    null,
    'what the service speaks: tcp or udp, with `ports` also tcp,udp; fwm for a firewall mark',
    {
      ...word,
      words: `tcp; udp for port ${datagramPorts.join(', ')}`,
    },
  ),
  ports: row(
    'virtual',
    extended.ports,
    null,
    'one service over several ports of an address without a port: `80,443,8000-8100`; packets get a firewall mark',
    { ...extension, ...none },
  ),
  checktype: row(
    'virtual',
    read.checkKind,
    { type: 'negotiate', connects: 0 },
    'how real servers are checked: `connect`, `negotiate`, `ping`, `external`, `external-perl`, `on`, `off`, or the number of connect checks between two negotiate checks',
    { ...word, words: 'negotiate' },
  ),
  service: row('virtual', read.service, null, 'what a negotiate check speaks', { ...word, words: 'by port' }),
  load: row('virtual', read.unusedWord('load'), null, 'accepted, and changes nothing', { quoted: true }),
};
