/** Ranges of real servers between two names. */

import type { Host } from '../../model/config.js';
import { expandRange, formatIPv4, longestRange, parseIPv4 } from './addresses.js';

/**
 * The addresses from one host to the other, both included; or, where there is no such range, the first
 * host without an address and with the reason.
 */
export function rangeBetween(first: Host, last: Host): readonly string[] | Host {
  const without = (reason: string): Host => ({ name: first.name, address: null, unresolved: reason });
  if (first.address === null) {
    return without(first.unresolved ?? 'it has no address');
  }
  if (last.address === null) {
    return without(`the end of its range, “${last.name}”, has no address: ${last.unresolved ?? 'not asked'}`);
  }
  const range = `the range ${first.address}->${last.address}`;
  const low = parseIPv4(first.address);
  const high = parseIPv4(last.address);
  if (low === null || high === null) return without(`${range} is not one of IPv4 addresses`);
  if (low > high) return without(`${range} ends before it begins`);
  const addresses = expandRange(low, high, longestRange);
  return addresses === null ? without(`${range} is longer than ${longestRange} addresses`) : addresses.map(formatIPv4);
}
