/** Literal addresses, as the reference reads them: through the C library's inet_aton and inet_pton. */

import { isIPv6, SocketAddress } from 'node:net';
import type { Family, Host } from '../../model/config.js';

/**
 * inet_aton(3): one to four numbers, the last of which fills the remaining bytes; a leading zero makes a
 * number octal. Hexadecimal forms are left to name resolution. Null where the text is no such address.
 */
export function parseIPv4(text: string): number | null {
  const parts = text.split('.');
  if (parts.length > 4) return null;
  let address = 0;
  for (const [index, part] of parts.entries()) {
    const value = parseCNumber(part);
    const last = index === parts.length - 1;
    const bytes = last ? 4 - index : 1;
    if (value === null || value >= 256 ** bytes) return null;
    address += value * 256 ** (last ? 0 : 3 - index);
  }
  return address;
}

function parseCNumber(text: string): number | null {
  if (!/^\d+$/.test(text)) return null;
  if (text.length === 1 || !text.startsWith('0')) return Number(text);
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : null;
}

export function formatIPv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** Whether the text is an address in the usual form of four decimal numbers, which nobody misreads. */
export function isDottedQuad(text: string): boolean {
  return /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(text);
}

/** Lower case, the longest run of zeros compressed (RFC 5952); null where the text is no IPv6 address. */
export function canonicalIPv6(text: string): string | null {
  if (!isIPv6(text)) return null;
  const zone = text.indexOf('%');
  if (zone < 0) return new SocketAddress({ address: text, family: 'ipv6' }).address;
  // A zone means something on a link alone (RFC 4007 section 6).
  const address = canonicalIPv6(text.slice(0, zone));
  return address !== null && /^fe[89ab]/.test(address) ? address + text.slice(zone) : null;
}

const byte = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
/** As `formatIPv4` writes them. */
const canonicalIPv4 = new RegExp(`^${byte}(?:\\.${byte}){3}$`);

/** What an address or name, without brackets, stands for; null where it can be neither. */
export function hostOf(text: string, family: Family): Host | null {
  // Nearly all of them are in this form, and stand for themselves.
  if (canonicalIPv4.test(text)) return family === 'inet' ? { name: text, address: text } : null;
  if (/^[\d.]+$/.test(text)) {
    const number = family === 'inet' ? parseIPv4(text) : null;
    return number === null ? null : { name: text, address: formatIPv4(number) };
  }
  if (/^[\w.-]+$/.test(text)) return { name: text, address: null };
  const address = family === 'inet6' ? canonicalIPv6(text) : null;
  return address === null ? null : { name: text, address };
}

/** More addresses than a range of real servers can mean: a network of 16 bits. */
export const longestRange = 65_536;

/**
 * The addresses of a range, both ends included. The reference compares the addresses as decimal strings
 * while it counts, so that a range whose ends differ in their number of digits stops early; null where it
 * has more than `limit` addresses.
 */
export function expandRange(first: number, last: number, limit: number): number[] | null {
  const addresses: number[] = [];
  const end = String(last);
  for (let address = first; String(address) <= end; address++) {
    if (addresses.length === limit || address > 0xffffffff) return null;
    addresses.push(address);
  }
  return addresses;
}
