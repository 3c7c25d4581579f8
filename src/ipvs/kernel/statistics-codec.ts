/** Counters and rates of a service or a destination, from bytes. */

import type { Attributes } from '../../netlink/attributes.js';
import type { Traffic } from '../table.js';
import { statisticsAttribute as attribute } from './constants.js';

/**
 * Takes the 64-bit counters where the kernel has them (since 4.1). In the older form the packets and
 * connections have 32 bits and wrap, the bytes have 64, and the rates 32.
 */
export function decodeTraffic(wide: Attributes | undefined, narrow: Attributes | undefined): Traffic | undefined {
  if (wide) return traffic((type) => wide.u64(type));
  if (!narrow) return undefined;
  const bytes: readonly number[] = [attribute.inBytes, attribute.outBytes];
  return traffic((type) => (bytes.includes(type) ? narrow.u64(type) : BigInt(narrow.u32(type) ?? 0)));
}

function traffic(read: (type: number) => bigint | undefined): Traffic {
  const count = (type: number): bigint => read(type) ?? 0n;
  return {
    total: {
      connections: count(attribute.connections),
      inPackets: count(attribute.inPackets),
      outPackets: count(attribute.outPackets),
      inBytes: count(attribute.inBytes),
      outBytes: count(attribute.outBytes),
    },
    rate: {
      connections: count(attribute.connectionRate),
      inPackets: count(attribute.inPacketRate),
      outPackets: count(attribute.outPacketRate),
      inBytes: count(attribute.inByteRate),
      outBytes: count(attribute.outByteRate),
    },
  };
}
