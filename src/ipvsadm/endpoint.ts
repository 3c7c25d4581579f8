/** Addresses, masks, ports and numbers as ipvsadm's options take them. */

import { isIPv4, isIPv6 } from 'node:net';
import { canonicalIPv6, formatIPv4, parseIPv4 } from '../config/file/addresses.js';
import { addressWords } from '../ipvs/address.js';
import { maskSettings, type Netmask } from '../ipvs/netmask.js';
import type { Family } from '../ipvs/table.js';
import type { Protocol, ServicePorts } from '../system/port-names.js';

export interface Endpoint {
  readonly family: Family;
  /** An address, or a name that is still to be resolved: names are of IPv4 alone. */
  readonly host: string;
  /** Null where none was given. */
  readonly port: number | null;
}

/** A whole number of decimal digits, as strtol(3) reads it; null where it is none or not within the bounds. */
export function integer(text: string, least: number, most: number): number | null {
  if (!/^\s*[+-]?\d+$/.test(text)) return null;
  const number = Number(text);
  return number >= least && number <= most ? number : null;
}

/**
 * `host`, `host:port` or `[IPv6]:port`; the protocols are those in which a port may have its name. Null where it
 * cannot be read. Brackets around anything but an IPv6 address hide the port, which ipvsadm does not see either.
 */
export function parseEndpoint(text: string, protocols: readonly Protocol[], ports: ServicePorts): Endpoint | null {
  const bare = canonicalIPv6(text);
  if (bare !== null) return plain(bare);
  const [, bracketed, behind = ''] = /^\[([^\]]*)\]:(.*)$/s.exec(text) ?? [];
  if (bracketed !== undefined) {
    const address = canonicalIPv6(bracketed);
    if (address === null) return parseNamed(bracketed, null);
    const port = parsePort(behind, protocols, ports);
    return port === null || address.includes('%') ? null : { family: 'inet6', host: address, port };
  }
  const [host = '', ...rest] = text.split(':');
  if (rest.length === 0) return parseNamed(host, null);
  const port = parsePort(rest.join(':'), protocols, ports);
  return port === null ? null : parseNamed(host, port);
}

/** The kernel's table has no place for a zone (`%eth0`). */
function plain(address: string): Endpoint | null {
  return address.includes('%') ? null : { family: 'inet6', host: address, port: null };
}

function parseNamed(text: string, port: number | null): Endpoint | null {
  if (text === '' || /[\s[\]]/.test(text)) return null;
  const address = parseIPv4(text);
  return { family: 'inet', host: address === null ? text : formatIPv4(address), port };
}

function parsePort(text: string, protocols: readonly Protocol[], ports: ServicePorts): number | null {
  const number = integer(text, 0, 65_535);
  if (number !== null) return number;
  for (const protocol of protocols) {
    const port = ports.port(text, protocol);
    if (port !== undefined) return port;
  }
  return null;
}

/** By IPv6 a prefix length; by IPv4 an address, of which inet_aton(3) takes one number as the last bits. */
export function parseMask(text: string, family: Family): Netmask | null {
  if (family === 'inet6') {
    const netmask = integer(text, 1, 128);
    return netmask === null ? null : { netmask };
  }
  const mask = parseIPv4(text);
  return mask === null ? null : maskSettings(mask);
}

/** 224.0.0.0/4 and ff00::/8. */
export function isMulticast(text: string): boolean {
  if (isIPv4(text)) return (addressWords(text)[0] ?? 0) >>> 28 === 0xe;
  return isIPv6(text) && (addressWords(text)[0] ?? 0) >>> 24 === 0xff;
}
