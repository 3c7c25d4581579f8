/** Addresses as numbers: for hashing a client, for telling the network that it is in, and for the kernel. */

import { isIPv4, SocketAddress } from 'node:net';

/** One 32-bit word of an IPv4 address, four of an IPv6 one, as unsigned numbers. A zone (`%eth0`) does not count. */
export function addressWords(address: string): number[] {
  if (isIPv4(address)) return [ipv4Word(address)];
  const [bare = ''] = address.split('%');
  const [head = '', tail] = bare.split('::');
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const all = [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
  return [0, 2, 4, 6].map((index) => (((all[index] ?? 0) << 16) | (all[index + 1] ?? 0)) >>> 0);
}

/**
 * The words as text, without a zone. IPv6 is lower case with the longest run of zeros compressed (RFC 5952):
 * the form that the platform's own functions give, so that texts of one address compare equal everywhere.
 */
export function addressText(words: readonly number[]): string {
  const [first = 0] = words;
  if (words.length === 1) return `${first >>> 24}.${(first >>> 16) & 255}.${(first >>> 8) & 255}.${first & 255}`;
  const full = words.map((word) => `${(word >>> 16).toString(16)}:${(word & 0xffff).toString(16)}`).join(':');
  return new SocketAddress({ address: full, family: 'ipv6' }).address;
}

/**
 * Whether a machine can have this address, as the kernel asks it of a destination (ip_vs_new_dest in ip_vs_ctl.c): no
 * multicast, not 0.0.0.0 or 255.255.255.255, and of IPv6 neither link-local nor one of IPv4 in disguise.
 */
export function isUnicast(address: string): boolean {
  const words = addressWords(address);
  const [first = 0, second = 0, third = 0, last = 0] = words;
  if (words.length === 1) return first !== 0 && first >>> 28 !== 0xe && first !== 0xffffffff;
  const multicast = first >>> 24 === 0xff;
  // With a zone (`%eth0`), which the kernel's table has no place for, it says which link.
  const linkLocal = first >>> 22 === 0xfe80 >>> 6 && !address.includes('%');
  const unspecified = [first, second, third, last].every((word) => word === 0);
  const mapped = first === 0 && second === 0 && third === 0xffff;
  return !multicast && !linkLocal && !unspecified && !mapped;
}

/** Names the network of this prefix length that the address is in: addresses of one network get one name. */
export function network(address: string, prefix: number): string {
  return addressWords(address)
    .map((word, index) => (word & mask(prefix - 32 * index)) >>> 0)
    .join('.');
}

/** The mask of the first so many bits of a word. */
function mask(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffffffff : ~(0xffffffff >>> bits);
}

function ipv4Word(address: string): number {
  return address.split('.').reduce((word, octet) => word * 256 + Number(octet), 0);
}

/** The 16-bit groups of one side of `::`; a dotted end (RFC 4291, 2.2) is two of them. */
function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const word = ipv4Word(group);
    return [word >>> 16, word & 0xffff];
  });
}
