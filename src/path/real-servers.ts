/** The machines behind the director: each host of the file once, with all that it serves. */

import { isIPv6 } from 'node:net';
import type { Config, Endpoint, Family, Host, PortRange, Server, Transport, Virtual } from '../model/config.js';
import { virtualSubjectOf } from '../model/subject.js';
import type { RouteQuestion } from './machine.js';

export interface RealMachine {
  /** As the file has it: a name, or an address. */
  readonly name: string;
  /** As literal addresses; none where the name has no address. */
  readonly addresses: readonly string[];
  readonly places: readonly Place[];
}

/** What a machine is in a virtual service: one of its real servers, or a fallback. */
export interface Place {
  readonly virtual: Virtual;
  readonly server: Server;
}

/** What reaches a server as the kernel forwards it. */
export interface Forwarded {
  /** Null where packets have a mark that somebody else gives. */
  readonly address: string | null;
  readonly transports: readonly Transport[];
  /** At the server; empty where the file does not say. */
  readonly ports: readonly PortRange[];
}

/** All that are not the director itself, in the order of the file. */
export function realMachines({ virtuals }: Config, isDirectors: (address: string) => boolean): RealMachine[] {
  const all: { readonly name: string; readonly addresses: Set<string>; readonly places: Place[] }[] = [];
  const byName = new Map<string, (typeof all)[number]>();
  for (const virtual of virtuals) {
    for (const server of [...virtual.realServers, ...virtual.fallbacks]) {
      const { address } = server.host;
      if (address !== null && (isLoopback(address) || isDirectors(address))) continue;
      const keys = [server.host.name, ...(address === null ? [] : [address])];
      const known = keys.flatMap((key) => byName.get(key) ?? [])[0];
      const machine = known ?? { name: nameOf(server.host), addresses: new Set(), places: [] };
      if (known === undefined) all.push(machine);
      if (address !== null) machine.addresses.add(address);
      machine.places.push({ virtual, server });
      for (const key of keys) if (!byName.has(key)) byName.set(key, machine);
    }
  }
  return all.map(({ name, addresses, places }) => ({ name, addresses: [...addresses], places }));
}

/** Those that are called so, by name or address; null where none is. */
export function machinesCalled(called: string, machines: readonly RealMachine[]): readonly RealMachine[] | null {
  const bare = called.replace(/^\[(.*)\]$/, '$1');
  const meant = machines.filter(({ name, addresses }) => name === bare || addresses.includes(bare));
  return meant.length === 0 ? null : meant;
}

export function forwardedTo({ virtual, server }: Place): Forwarded {
  const { address, transports, ports } = comingTo(virtual.endpoint);
  // Others than masq leave the port as it is.
  const isMapped = server.forward === 'masq' && server.port !== 0;
  return { address, transports, ports: isMapped ? [onePort(server.port)] : ports };
}

function comingTo(endpoint: Endpoint): Forwarded {
  if (endpoint.protocol === 'fwm') {
    const { carries } = endpoint;
    if (carries === undefined) return { address: null, transports: [], ports: [] };
    return { address: carries.host.address, transports: carries.transports, ports: carries.ports };
  }
  const { host, port, protocol } = endpoint;
  // Port 0 is all of them.
  return { address: host.address, transports: [protocol], ports: port === 0 ? [] : [onePort(port)] };
}

export function onePort(port: number): PortRange {
  return { from: port, to: port };
}

/** As people call the service. */
export function calledOf(virtual: Virtual): string {
  const subject = virtualSubjectOf(virtual);
  return subject.inFile?.virtual ?? subject.virtual;
}

export function familyOf(address: string): Family {
  return isIPv6(address) ? 'inet6' : 'inet';
}

/** The way to an address. */
export function towards(to: string): RouteQuestion {
  return { family: familyOf(to), to };
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

function nameOf({ name, address }: Host): string {
  return name === '' ? (address ?? name) : name;
}
