/** Addresses as the kernel takes them: see ip(7) and ipv6(7). */

import { isIPv4 } from 'node:net';
import { endianness } from 'node:os';
import { interfaceIndex, parseAddress } from '../../libc.js';

export type Version = 4 | 6;

/** AF_INET and AF_INET6, which are PF_INET and PF_INET6 too. */
export const families = { 4: 2, 6: 10 } as const;
/** Bytes of a struct sockaddr_in and sockaddr_in6. */
export const addressSizes = { 4: 16, 6: 28 } as const;
/** Where the address itself begins and ends in them. */
const hosts = { 4: [4, 8], 6: [8, 24] } as const;
const scopeOffset = 24;

/**
 * Of a numeric address, with a zone (`fe80::1%eth0`) or without, and port 0. Null where it is none, or names an
 * interface that does not exist.
 */
export function socketAddress(address: string): Uint8Array | null {
  const version = isIPv4(address) ? 4 : 6;
  const [bare = '', zone] = address.split('%');
  const bytes = new Uint8Array(addressSizes[version]);
  bytes.set(inHostOrder(families[version], 2));
  if (parseAddress(families[version], bare, bytes.subarray(...hosts[version])) !== 1) return null;
  if (zone !== undefined) {
    // A zone can be the interface's number itself (RFC 4007, 11.2).
    const scope = interfaceIndex(zone) || (/^\d{1,9}$/.test(zone) ? Number(zone) : 0);
    if (version === 4 || scope === 0) return null;
    bytes.set(inHostOrder(scope, 4), scopeOffset);
  }
  return bytes;
}

/** Whether both are of one host; a zone does not count. */
export function sameHost(version: Version, one: Uint8Array, other: Uint8Array): boolean {
  const [start, end] = hosts[version];
  for (let at = start; at < end; at += 1) if (one[at] !== other[at]) return false;
  return true;
}

/** The address as text, without a zone. */
export function addressText(version: Version, bytes: Uint8Array): string {
  const host = Buffer.from(bytes).subarray(...hosts[version]);
  if (version === 4) return host.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => host.readUInt16BE(2 * index).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** An unsigned number of so many bytes as this processor holds it. */
export function inHostOrder(value: number, size: 2 | 4): Uint8Array {
  const bytes = Buffer.alloc(size);
  if (endianness() === 'LE') bytes.writeUIntLE(value, 0, size);
  else bytes.writeUIntBE(value, 0, size);
  return bytes;
}
