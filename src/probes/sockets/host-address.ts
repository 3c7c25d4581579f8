/** Addresses of hosts as numbers, and as the kernel takes them: struct sockaddr_in and sockaddr_in6, see ip(7) and ipv6(7). */

import { isIPv4, SocketAddress } from 'node:net';
import { endianness } from 'node:os';
import { inetPton, interfaceIndex } from '../../system/libc.js';

export type Version = 4 | 6;

export interface HostAddress {
  readonly version: Version;
  /** Of 32 bits: one for IPv4, four for IPv6. */
  readonly words: readonly number[];
  /** The network interface of a link-local address, by number; 0 where none is named. */
  readonly scope: number;
}

/** AF_INET and AF_INET6, which are PF_INET and PF_INET6 too. */
export const families = { 4: 2, 6: 10 } as const;
/** Bytes of the structs. */
export const addressSizes = { 4: 16, 6: 28 } as const;
/** Where the words begin in them. */
const wordsOffset = { 4: 4, 6: 8 } as const;
const paddingOffset = 8;
const flowOffset = 4;
const scopeOffset = 24;

export const littleEndian = endianness() === 'LE';

const parsed = new DataView(new ArrayBuffer(16));
const parsedBytes = new Uint8Array(parsed.buffer);

/**
 * Of a numeric address, with a zone (`fe80::1%eth0`) or without. Null where it is none, or names a network interface
 * that does not exist. A mapped IPv4 address is that address: the kernel would send IPv4 all the same, and a socket of
 * IPv6 that has done so reaches no other IPv6 address from then on.
 */
export function hostAddressOf(address: string): HostAddress | null {
  const version = isIPv4(address) ? 4 : 6;
  const zoneAt = address.indexOf('%');
  const bare = zoneAt < 0 ? address : address.slice(0, zoneAt);
  if (inetPton(families[version], bare, parsedBytes) !== 1) return null;
  const scope = zoneAt < 0 ? 0 : scopeOf(address.slice(zoneAt + 1));
  if (scope === null) return null;
  const words = [parsed.getUint32(0)];
  if (version === 6) words.push(parsed.getUint32(4), parsed.getUint32(8), parsed.getUint32(12));
  // RFC 4291, section 2.5.5.2.
  if (version === 6 && words[0] === 0 && words[1] === 0 && words[2] === 0xffff) {
    return { version: 4, words: words.slice(-1), scope: 0 };
  }
  return { version, words, scope };
}

/** A zone can be the interface's number itself (RFC 4007, 11.2). */
function scopeOf(zone: string): number | null {
  return interfaceIndex(zone) || (/^[1-9]\d{0,8}$/.test(zone) ? Number(zone) : null);
}

/** Writes a struct sockaddr, with port 0, wherever another one may have stood. */
export function writeAddress(place: DataView, { version, words, scope }: HostAddress): void {
  place.setUint16(0, families[version], littleEndian);
  place.setUint16(2, 0);
  for (let index = 0, at = wordsOffset[version]; index < words.length; index += 1, at += 4) {
    place.setUint32(at, words[index] ?? 0);
  }
  if (version === 4) {
    place.setBigUint64(paddingOffset, 0n);
  } else {
    place.setUint32(flowOffset, 0);
    place.setUint32(scopeOffset, scope, littleEndian);
  }
}

/** Whether the struct sockaddr that begins at `start` is of the host; on which link does not count. */
export function isAddressOf(place: DataView, { version, words }: HostAddress, start = 0): boolean {
  for (let index = 0, at = start + wordsOffset[version]; index < words.length; index += 1, at += 4) {
    if (place.getUint32(at) !== words[index]) return false;
  }
  return true;
}

/** The address in a struct sockaddr as text, without a zone. */
export function addressText(version: Version, place: DataView): string {
  const from = wordsOffset[version];
  if (version === 4) return Array.from({ length: 4 }, (_, index) => place.getUint8(from + index)).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => place.getUint16(from + 2 * index).toString(16));
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
}
