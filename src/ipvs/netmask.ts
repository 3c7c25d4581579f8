/** Masks of IPv4 that make clients one client for persistence: prefixes, and what else the kernel takes. */

import { addressText, addressWords, network } from './address.js';
import type { ServiceSettings } from './table.js';

export type Netmask = Pick<ServiceSettings, 'netmask' | 'oddMask'>;

/** The mask as an unsigned number of 32 bits. */
export function maskWord({ netmask, oddMask }: Netmask): number {
  if (oddMask !== undefined) return addressWords(oddMask)[0] ?? 0;
  return netmask === 0 ? 0 : (0xffffffff << (32 - netmask)) >>> 0;
}

/** Names what the mask leaves of a client's address: clients of one name count as one for persistence. */
export function clientsOf(address: string, mask: Netmask): string {
  if (mask.oddMask === undefined) return network(address, mask.netmask);
  return addressWords(address)
    .map((word) => (word & maskWord(mask)) >>> 0)
    .join('.');
}

export function maskSettings(mask: number): Netmask {
  const netmask = Math.clz32(~mask);
  return maskWord({ netmask }) === mask ? { netmask } : { netmask, oddMask: addressText([mask]) };
}
