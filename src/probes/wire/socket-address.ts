/** Addresses as the kernel takes them: struct sockaddr_in and sockaddr_in6 of ip(7) and ipv6(7). */

import { endianness } from 'node:os';
import { inetPton, interfaceIndex } from '../../libc.js';

export const familyIpv4 = 2;
export const familyIpv6 = 10;

const littleEndian = endianness() === 'LE';

export interface SocketAddress {
  readonly family: typeof familyIpv4 | typeof familyIpv6;
  readonly bytes: Uint8Array;
}

/** Null where the text is no literal address, or its zone (`%eth0`, RFC 4007) is none of this machine. */
export function socketAddress(address: string, port: number): SocketAddress | null {
  const [bare = '', zone] = address.split('%');
  return zone === undefined ? (ipv4(bare, port) ?? ipv6(bare, port, 0)) : ipv6(bare, port, scopeOf(zone));
}

function ipv4(address: string, port: number): SocketAddress | null {
  const bytes = new Uint8Array(16);
  const view = header(bytes, familyIpv4, port);
  return inetPton(familyIpv4, address, new Uint8Array(view.buffer, 4, 4)) === 1 ? { family: familyIpv4, bytes } : null;
}

function ipv6(address: string, port: number, scope: number | null): SocketAddress | null {
  const bytes = new Uint8Array(28);
  const view = header(bytes, familyIpv6, port);
  if (scope === null || inetPton(familyIpv6, address, new Uint8Array(view.buffer, 8, 16)) !== 1) return null;
  view.setUint32(24, scope, littleEndian);
  return { family: familyIpv6, bytes };
}

function header(bytes: Uint8Array, family: number, port: number): DataView {
  const view = new DataView(bytes.buffer);
  view.setUint16(0, family, littleEndian);
  view.setUint16(2, port);
  return view;
}

function scopeOf(zone: string): number | null {
  return (/^\d{1,9}$/.test(zone) ? Number(zone) : interfaceIndex(zone)) || null;
}
