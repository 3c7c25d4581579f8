/** The table that the configuration and the health of the servers ask for. */

import type { Config, RealServer, Server, Virtual } from '../config/model.js';
import { endpointName, serverName } from '../config/names.js';
import { type Destination, destinationKey, type Entry, type Service, serviceKey } from '../ipvs/table.js';

/** How the log names a destination, and what it is to its virtual. */
export interface Named {
  readonly role: 'real' | 'fallback';
  readonly name: string;
}

export interface DesiredEntry extends Entry {
  /** The virtual as the log names it. */
  readonly name: string;
  readonly cleanstop: boolean;
  /** Every server that the file names, by destination key, whether it is wanted now or not. */
  readonly named: ReadonlyMap<string, Named>;
  /** Keys of destinations that stay away when somebody takes them out: real servers of weight 0. */
  readonly removable: ReadonlySet<string>;
}

export type Desired = ReadonlyMap<string, DesiredEntry>;

/** Why a real server is out of use, whatever its checks say. */
export interface Hold {
  /** `drain` keeps it at weight 0, so that its connections can end; `down` is as `quiescent` says. */
  readonly how: 'down' | 'drain';
  readonly reason: string;
}

/** What people and schedules ask for: the real servers that are held out. */
export type Admin = ReadonlyMap<RealServer, Hold>;

export type IsUp = (virtual: Virtual, real: RealServer) => boolean;

/** Virtuals whose address is not known yet have no place in the table. */
export function desired(config: Config, isUp: IsUp, admin: Admin = new Map()): Desired {
  const table = new Map<string, DesiredEntry>();
  for (const virtual of config.virtuals) {
    const service = serviceOf(virtual);
    if (service === null) continue;
    const key = serviceKey(service);
    const entry = desiredEntry(virtual, service, { isUp, admin, readdquiescent: config.global.readdquiescent });
    const earlier = table.get(key);
    table.set(key, earlier ? merged(earlier, entry) : entry);
  }
  return table;
}

/** The service of a virtual; null while its name has no address. */
export function serviceOf(virtual: Virtual): Service | null {
  const { endpoint, family } = virtual;
  const settings = {
    family,
    scheduler: virtual.scheduler,
    schedflags: virtual.schedflags,
    persistent: virtual.persistent ?? 0,
    netmask: virtual.netmask ?? (family === 'inet6' ? 128 : 32),
    ops: virtual.ops,
  };
  if (endpoint.protocol === 'fwm') return { protocol: 'fwm', mark: endpoint.mark, ...settings };
  const { address } = endpoint.host;
  return address === null ? null : { protocol: endpoint.protocol, address, port: endpoint.port, ...settings };
}

/** Where a server stands in its virtual's table; null while its name has no address. */
export function destinationOf(virtual: Virtual, server: Server, weight = server.weight): Destination | null {
  const { address } = server.host;
  if (address === null) return null;
  return {
    address,
    port: mappedPort(virtual, server),
    forward: server.forward,
    weight,
    upperThreshold: server.upperThreshold,
    lowerThreshold: server.lowerThreshold,
  };
}

/**
 * Only masquerading rewrites the packet's port; direct routing and tunnelling deliver it as it came. A
 * firewall mark has no port of its own to map to. Port 0 is the port that the client asked for.
 */
function mappedPort({ endpoint }: Virtual, { forward, port }: Server): number {
  if (endpoint.protocol === 'fwm') return port;
  return forward === 'masq' ? port : endpoint.port;
}

interface Circumstances {
  readonly isUp: IsUp;
  readonly admin: Admin;
  readonly readdquiescent: boolean;
}

function desiredEntry(
  virtual: Virtual,
  service: Service,
  { isUp, admin, readdquiescent }: Circumstances,
): DesiredEntry {
  const destinations = new Map<string, Destination>();
  const named = new Map<string, Named>();
  const removable = new Set<string>();
  let anyUp = false;

  const want = (server: Server, role: Named['role'], weight: number | null): void => {
    const destination = destinationOf(virtual, server, weight ?? 0);
    if (destination === null) return;
    const key = destinationKey(destination);
    if (weight !== null && !destinations.get(key)?.weight) destinations.set(key, destination);
    if (role === 'real' && weight === 0 && !readdquiescent) removable.add(key);
    const configured = serverName(server);
    if (!named.has(key)) {
      named.set(key, { role, name: configured === key ? key : `${key} mapped from ${configured}` });
    }
  };

  for (const real of virtual.realServers) {
    const well = isUp(virtual, real);
    const hold = admin.get(real);
    const up = well && hold === undefined;
    anyUp ||= up;
    const draining = well && hold?.how === 'drain';
    want(real, 'real', up ? real.weight : virtual.quiescent || draining ? 0 : null);
  }
  if (virtual.fallback) want(virtual.fallback, 'fallback', anyUp ? null : virtual.fallback.weight);
  const { cleanstop } = virtual;
  return { name: endpointName(virtual.endpoint), service, cleanstop, destinations, named, removable };
}

/** Two virtuals with one address are one service to the kernel: the later one's settings, the servers of both. */
function merged(earlier: DesiredEntry, later: DesiredEntry): DesiredEntry {
  return {
    ...later,
    destinations: new Map([...later.destinations, ...earlier.destinations]),
    named: new Map([...later.named, ...earlier.named]),
    removable: new Set([...later.removable, ...earlier.removable]),
  };
}
