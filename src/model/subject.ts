/**
 * The one identity of a virtual service, and of a real server in it: the same from one configuration to the next, in
 * events, overrides, metrics and JSON. A firewall mark is one number for packets of IPv4 and of IPv6, and yet two
 * services to the kernel: the address family belongs to it.
 */

import type { Endpoint, Fallback, Family, Protocol, RealServer, Virtual } from './config.js';
import { carriedBy } from './endpoint.js';
import { carriedName, endpointName, hostText, nameInFile, serverName } from './names.js';

/** What the file calls them, for people; absent where that is what they are called anyway. No part of the identity. */
export interface FileNames {
  readonly virtual?: string;
  readonly server?: string;
}

export interface VirtualSubject {
  readonly family: Family;
  readonly protocol: Protocol;
  /** As the log names it: `192.0.2.1:80`, or the firewall mark. */
  readonly virtual: string;
  readonly inFile?: FileNames;
}

/** A real server or a fallback in a virtual service. */
export interface Subject extends VirtualSubject {
  /** As the log names it: `10.0.0.1:80`. */
  readonly server: string;
  /** Of fallbacks alone: the same machine and port can be a real server of the virtual as well. */
  readonly role?: 'fallback';
}

export function virtualSubjectOf({ family, endpoint }: Virtual): VirtualSubject {
  const subject = { family, protocol: endpoint.protocol, virtual: endpointName(endpoint) };
  return withNames(subject, virtualNameInFile(endpoint), null);
}

export function subjectOf({ family, endpoint }: Virtual, server: Pick<RealServer, 'host' | 'port'>): Subject {
  const { protocol } = endpoint;
  const plain = { family, protocol, virtual: endpointName(endpoint), server: serverName(server) };
  const named = withNames(plain, virtualNameInFile(endpoint), nameInFile(server));
  return isFallback(server) ? { ...named, role: server.role } : named;
}

/** What tells it from all others of its virtual: a fallback can have the name of a real server. */
export function nameWithin(server: Pick<RealServer, 'host' | 'port'>): string {
  return isFallback(server) ? `${server.role} ${serverName(server)}` : serverName(server);
}

export function isFallback(server: object): server is Fallback {
  return 'role' in server;
}

/**
 * `shop.example.com:80`, where the file has a name, and `192.0.2.1:80,443`, where it has several ports; null where it has
 * an address and port or a firewall mark.
 */
export function virtualNameInFile(endpoint: Endpoint): string | null {
  const carries = carriedBy(endpoint);
  if (carries !== null) return carriedName(carries);
  return endpoint.protocol === 'fwm' ? null : nameInFile(endpoint);
}

/** Null is none. */
export function withNames<T extends object>(
  subject: T,
  virtual: string | null,
  server: string | null,
): T & { readonly inFile?: FileNames } {
  if (virtual === null && server === null) return subject;
  return { ...subject, inFile: { ...(virtual !== null && { virtual }), ...(server !== null && { server }) } };
}

/** One text for it. Joined, since a template would be kept in its pieces, which take several times as much memory. */
export function virtualKey({ family, protocol, virtual }: VirtualSubject): string {
  return [family, protocol, virtual].join(' ');
}

const keys = new WeakMap<Virtual, string>();

/** The same of a virtual of the configuration: put together once, since much goes through thousands of them. */
export function keyOfVirtual(virtual: Virtual): string {
  const known = keys.get(virtual);
  if (known !== undefined) return known;
  const key = virtualKey(virtualSubjectOf(virtual));
  keys.set(virtual, key);
  return key;
}

/** The same for a server in it. */
export function subjectKey({ family, protocol, virtual, server, role }: Subject): string {
  const words = [family, protocol, virtual, server];
  return (role === undefined ? words : [...words, role]).join(' ');
}

/** `tcp`, `udp`, `fwm` or, for a firewall mark of IPv6 packets, `fwm6`: as addresses, labels and links have it. */
export function protocolId({ protocol, family }: Pick<VirtualSubject, 'protocol' | 'family'>): string {
  return protocol === 'fwm' && family === 'inet6' ? 'fwm6' : protocol;
}

/**
 * Whether a virtual is meant: by its address or name with the port or ports, or by its firewall mark. Where several are
 * called so, `udp/192.0.2.1:53` and `fwm6/7` are one of them.
 */
export function isNamed(virtual: Virtual, called: string): boolean {
  const { endpoint, family } = virtual;
  const own = `${protocolId({ protocol: endpoint.protocol, family })}/`;
  const name = called.startsWith(own) ? called.slice(own.length) : called;
  if (endpointName(endpoint) === name || virtualNameInFile(endpoint) === name) return true;
  return endpoint.protocol !== 'fwm' && `${hostText({ ...endpoint.host, address: null })}:${endpoint.port}` === name;
}
