/** The section `[sync]` of the settings file: the kernel's synchronization daemons. One row a key; the manual prints them. */

import { isIP } from 'node:net';
import { type Row, row } from './row.js';
import * as read from './values.js';

export interface SyncSettings {
  /** Whether they run: by role one of them, or both all the time. */
  readonly sync: 'no' | 'yes' | 'both';
  /** The network interface that connections are told on. */
  readonly interface: string | null;
  readonly id: number;
  /** A multicast group; null is the kernel's. */
  readonly group: string | null;
  readonly port: number | null;
  /** Hops. */
  readonly ttl: number | null;
  /** Bytes of a message; null is what fits into a packet. */
  readonly maxlen: number | null;
  /** Seconds after which a connection is told of again; null leaves the machine as it is. */
  readonly refresh: number | null;
  /** Seconds that the backup has to have run before this director is ready. */
  readonly settle: number;
}

/** What the kernel keeps of a name, with a zero at its end (IFNAMSIZ). */
const longestInterface = 15;
/** Below the first the kernel raises it for a backup; above the second no message of UDP over IPv6 goes out whole. */
const lengths = [1024, 65_487] as const;
/** In /proc it is a number of jiffies that has 31 bits. */
const longestRefresh = 86_400;

const kernels = (value: string) => ({ words: `the kernel’s: ${value}` });

export const syncRows: { readonly [K in keyof SyncSettings]: Row<SyncSettings[K]> } = {
  sync: row(
    'sync',
    'no',
    'whether connections are told to the other director: `yes` runs the master daemon while active and the backup while passive, `both` runs both all the time',
    read.oneOf('no', 'yes', 'both'),
  ),
  interface: row('interface', null, 'the network interface that they are told on, as `eth1`', interfaceName, {
    words: 'none: it is needed',
  }),
  id: row(
    'id',
    0,
    'what directors of one pair have in common, 0 to 255; a backup of 0 hears all',
    read.numberFrom(0, 255),
  ),
  group: row('group', null, 'the multicast group, of IPv4 or IPv6', multicastGroup, kernels('224.0.0.81')),
  port: row('port', null, 'the port of UDP', read.numberFrom(1, 65_535), kernels('8848')),
  ttl: row('ttl', null, 'how many routers a message may pass, and one more', read.numberFrom(1, 255), kernels('1')),
  maxlen: row('maxlen', null, 'bytes of a message, at most', read.numberFrom(...lengths), kernels('as many as fit')),
  refresh: row(
    'refresh',
    null,
    'seconds after which an idle connection is told again, so that a director that came late knows it; `ldirectord setup` has the kernel do so',
    read.numberFrom(1, longestRefresh),
    { words: 'as the machine has it' },
  ),
  settle: row(
    'settle',
    0,
    'seconds that the backup daemon has to have run before a passive director counts as ready',
    read.numberFrom(0, 86_400),
  ),
};

/** What keeps the section from taking effect; null where nothing does. */
export function syncFault({ sync, interface: name }: SyncSettings): string | null {
  return sync !== 'no' && name === null ? `sync = ${sync} needs interface` : null;
}

function interfaceName(text: string): read.Value<string> {
  return /^[\x21-\x2e\x30-\x7e]+$/.test(text) && text.length <= longestInterface
    ? { value: text }
    : { fault: 'must be the name of a network interface' };
}

/** By RFC 5771 and RFC 4291. */
function multicastGroup(text: string): read.Value<string> {
  const family = isIP(text);
  const first = Number.parseInt(text, 10);
  const isGroup =
    family === 4 ? first >= 224 && first <= 239 : family === 6 && /^ff/i.test(text) && !text.includes('%');
  return isGroup ? { value: text.toLowerCase() } : { fault: 'must be a multicast address' };
}
