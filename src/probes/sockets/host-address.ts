/** Addresses of hosts as numbers, and as the kernel takes them: struct sockaddr_in and sockaddr_in6, see ip(7) and ipv6(7). */

import { SocketAddress } from 'node:net';
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

/** Characters. */
const dot = 0x2e;
const zero = 0x30;

const parsed = new DataView(new ArrayBuffer(16));
const parsedBytes = new Uint8Array(parsed.buffer);

/**
 * Of a numeric address, with a zone (`fe80::1%eth0`) or without. Null where it is none, or names a network interface
 * that does not exist. A mapped IPv4 address is that address: the kernel would send IPv4 all the same, and a socket of
 * IPv6 that has done so reaches no other IPv6 address from then on.
 */
export function hostAddressOf(address: string): HostAddress | null {
  const word = dottedWord(address);
  if (word >= 0) return { version: 4, words: [word], scope: 0 };
  const zoneAt = address.indexOf('%');
  const bare = zoneAt < 0 ? address : address.slice(0, zoneAt);
  if (inetPton(families[6], bare, parsedBytes) !== 1) return null;
  const scope = zoneAt < 0 ? 0 : scopeOf(address.slice(zoneAt + 1));
  if (scope === null) return null;
  const words = [parsed.getUint32(0), parsed.getUint32(4), parsed.getUint32(8), parsed.getUint32(12)];
  // RFC 4291, section 2.5.5.2.
  if (words[0] === 0 && words[1] === 0 && words[2] === 0xffff) return { version: 4, words: words.slice(-1), scope: 0 };
  return { version: 6, words, scope };
}

/** Of an IPv4 address as inet_pton(3) takes it: four numbers without zeros before them; -1 where the text is another. */
function dottedWord(text: string): number {
  let word = 0;
  let dots = 0;
  /** -1 before its first digit. */
  let part = -1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === dot) {
      if (part < 0 || dots === 3) return -1;
      word = word * 256 + part;
      dots += 1;
      part = -1;
    } else {
      const digit = code - zero;
      if (digit < 0 || digit > 9 || part === 0) return -1;
      part = part < 0 ? digit : part * 10 + digit;
      if (part > 255) return -1;
    }
  }
  return dots === 3 && part >= 0 ? word * 256 + part : -1;
}

/** A zone can be the interface's number itself (RFC 4007, 11.2). */
function scopeOf(zone: string): number | null {
  return interfaceIndex(zone) || (/^[1-9]\d{0,8}$/.test(zone) ? Number(zone) : null);
}

/** Writes a struct sockaddr that begins at `start`, with port 0, wherever another one may have stood. */
export function writeAddress(place: DataView, { version, words, scope }: HostAddress, start = 0): void {
  place.setUint16(start, families[version], littleEndian);
  place.setUint16(start + 2, 0);
  for (let index = 0, at = start + wordsOffset[version]; index < words.length; index += 1, at += 4) {
    place.setUint32(at, words[index] ?? 0);
  }
  if (version === 4) {
    // Two halves: V8 makes no call of them.
    place.setUint32(start + paddingOffset, 0);
    place.setUint32(start + paddingOffset + 4, 0);
  } else {
    place.setUint32(start + flowOffset, 0);
    place.setUint32(start + scopeOffset, scope, littleEndian);
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
