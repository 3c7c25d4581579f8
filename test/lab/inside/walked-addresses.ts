/** Who there is in a walk: servers, virtual addresses and clients, of either family. */

import type { Family } from '../../../src/ipvs/table.js';
import type { Random } from '../../helpers/random.js';

export interface Addresses {
  /** What packets go to. */
  readonly networks: readonly string[];
  readonly virtual: string;
  readonly server: (index: number) => string;
  /** One of 256 virtual addresses, for a service by a mark. */
  readonly anyVirtual: (random: Random) => string;
  readonly anyClient: (random: Random) => string;
}

export const addressesOf: Readonly<Record<Family, Addresses>> = {
  inet: {
    networks: ['10.200.0.0/16', '198.18.0.0/15'],
    virtual: '198.18.0.1',
    server: (index) => `10.200.${index % 3}.${index + 1}`,
    anyVirtual: (random) => `198.18.0.${random(256)}`,
    anyClient: (random) => `10.${64 + random(64)}.${random(256)}.${1 + random(254)}`,
  },
  inet6: {
    networks: ['fd00:200::/32', 'fd00:18::/32'],
    virtual: 'fd00:18::1',
    server: (index) => `fd00:200:${1 + (index % 3)}::${group(index + 1)}`,
    anyVirtual: (random) => `fd00:18::${group(1 + random(256))}`,
    anyClient: (random) => `2001:db8:${anyGroup(random)}:${anyGroup(random)}::${anyGroup(random)}`,
  },
};

function anyGroup(random: Random): string {
  return group(1 + random(0xffff));
}

function group(number: number): string {
  return number.toString(16);
}
