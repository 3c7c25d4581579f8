/** Ranges of real servers between two names. */

import { isIPv4 } from 'node:net';
import type { Host } from './model.js';

/** More than a file can mean: a network of 16 bits. */
const longestRange = 65_536;

/**
 * The addresses from one host to the other, both included; or, where there is no such range, the first
 * host without an address and with the reason.
 */
export function expandRange(first: Host, last: Host): readonly string[] | Host {
  const without = (reason: string): Host => ({ name: first.name, address: null, unresolved: reason });
  if (first.address === null) {
    return without(first.unresolved ?? 'it has no address');
  }
  if (last.address === null) {
    return without(`the end of its range, “${last.name}”, has no address: ${last.unresolved ?? 'not asked'}`);
  }
  const range = `the range ${first.address}->${last.address}`;
  if (!isIPv4(first.address) || !isIPv4(last.address)) {
    return without(`${range} is not one of IPv4 addresses`);
  }
  const low = toNumber(first.address);
  const high = toNumber(last.address);
  if (low > high) {
    return without(`${range} ends before it begins`);
  }
  if (high - low >= longestRange) {
    return without(`${range} is longer than ${longestRange} addresses`);
  }
  return Array.from({ length: high - low + 1 }, (_, offset) => toAddress(low + offset));
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

function toAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}
