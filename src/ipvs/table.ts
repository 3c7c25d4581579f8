/**
 * The table of virtual services as the kernel keeps it: services and their destinations. Identity is in
 * the keys; everything else of a service or destination can be edited in place.
 */

import { isDeepStrictEqual } from 'node:util';
import { sameSchedulerFlags } from './scheduler-flags.js';

export type Family = 'inet' | 'inet6';
/** `local` and `bypass` are never wanted here, but can be read from a table. */
export type Forwarding = 'gate' | 'masq' | 'ipip' | 'local' | 'bypass';

export type ServiceIdentity =
  | {
      readonly protocol: 'tcp' | 'udp' | 'sctp';
      readonly family: Family;
      readonly address: string;
      readonly port: number;
    }
  | { readonly protocol: 'fwm'; readonly family: Family; readonly mark: number };

export interface ServiceSettings {
  readonly scheduler: string;
  /** Names as ipvsadm's -b takes them; a flag can have two, as `sh-port` and `flag-2`. */
  readonly schedflags: readonly string[];
  /** Seconds; 0 is no persistence. */
  readonly persistent: number;
  /** Prefix length that makes clients one client for persistence: 32 or 128 is each its own. */
  readonly netmask: number;
  /**
   * Of IPv4, where the mask has ones behind zeros, as `255.0.255.0`, which the kernel takes: it counts then, and
   * `netmask` is the length of its first ones.
   */
  readonly oddMask?: string;
  /** One-packet scheduling. */
  readonly ops: boolean;
  /** The module that finds a client's earlier connection by more than its address, as `sip`. */
  readonly persistenceEngine?: string;
  /**
   * How servers are told of the client before its first byte. A table that cannot have it leaves it out; of what is
   * wanted that is `none`.
   */
  readonly proxyProtocol?: 'none' | 'v1' | 'v2';
}

export type Service = ServiceIdentity & ServiceSettings;

export interface DestinationIdentity {
  readonly address: string;
  readonly port: number;
}

export interface DestinationSettings {
  readonly forward: Forwarding;
  /** 0 takes no new connections and keeps the established ones. */
  readonly weight: number;
  /** Connections above which the destination takes no new ones, 0 without bound. */
  readonly upperThreshold: number;
  /** Connections below which it takes new ones again. */
  readonly lowerThreshold: number;
  /** With `ipip`, how packets are wrapped; plain IP in IP where it is not said. */
  readonly tunnel?: Tunnel;
}

export type Tunnel =
  | { readonly type: 'ipip' }
  | { readonly type: 'gue'; readonly port: number; readonly checksum: TunnelChecksum }
  | { readonly type: 'gre'; readonly checksum: Exclude<TunnelChecksum, 'remote'> };

/** ipvsadm's --tun-nocsum, --tun-csum and --tun-remcsum. */
export type TunnelChecksum = 'none' | 'full' | 'remote';

export type Destination = DestinationIdentity & DestinationSettings;

/** What a backend counts for a destination; never part of a comparison. */
export interface DestinationStatistics {
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  /** Clients that `persistent` holds to this destination; absent where the backend does not count them. */
  readonly persistentConnections?: number;
}

export type Observed = Destination & DestinationStatistics;

/**
 * A destination with what is counted for it, and what `before` knows beyond that. Written out: of objects that are
 * spread into others V8 makes a shape each, which takes more memory than they do.
 */
export function observe(destination: Destination, before: Observed | undefined): Observed {
  const { address, port, forward, weight, upperThreshold, lowerThreshold } = destination;
  const tunnel = destination.tunnel ?? before?.tunnel;
  const persistentConnections = before?.persistentConnections;
  const observed = {
    address,
    port,
    forward,
    weight,
    upperThreshold,
    lowerThreshold,
    activeConnections: before?.activeConnections ?? 0,
    inactiveConnections: before?.inactiveConnections ?? 0,
  };
  // Most have neither, and are to have no room for them.
  if (tunnel === undefined && persistentConnections === undefined) return observed;
  return {
    ...observed,
    ...(tunnel && { tunnel }),
    ...(persistentConnections !== undefined && { persistentConnections }),
  };
}

const plainTunnel: Tunnel = { type: 'ipip' };

export interface Entry<D extends Destination = Destination> {
  readonly service: Service;
  readonly destinations: ReadonlyMap<string, D>;
}

/** What ought to stand: by service key, then by destination key. */
export type Table = ReadonlyMap<string, Entry>;

/** What a backend was read to hold. */
export type ObservedTable = ReadonlyMap<string, Entry<Observed>>;

/** What has passed since it was added or its counters were zeroed, and how much passes in a second of late. */
export interface Traffic {
  readonly total: TrafficCounts;
  readonly rate: TrafficCounts;
}

export interface TrafficCounts {
  readonly connections: bigint;
  readonly inPackets: bigint;
  readonly outPackets: bigint;
  readonly inBytes: bigint;
  readonly outBytes: bigint;
}

/** Of a service or a destination whose traffic was asked for. */
export interface Metered {
  readonly traffic?: Traffic;
}

/** An observed table with the traffic of its services and destinations. */
export type MeteredTable = ReadonlyMap<string, MeteredEntry>;
export type MeteredEntry = Entry<Observed & Metered> & Metered;

/** `tcp 192.0.2.1:80`, `udp [2001:db8::1]:53`, `fwm 5`, `fwm6 5`. */
export function serviceKey(service: ServiceIdentity): string {
  return service.protocol === 'fwm'
    ? `fwm${service.family === 'inet6' ? '6' : ''} ${service.mark}`
    : `${service.protocol} ${endpointText(service.address, service.port)}`;
}

/** `192.0.2.1:80`, `[2001:db8::1]:80`. */
export function destinationKey(destination: DestinationIdentity): string {
  return endpointText(destination.address, destination.port);
}

export function endpointText(address: string, port: number): string {
  const host = address.includes(':') ? `[${address}]` : address;
  // Joined, since a template would be kept in its pieces, which take as much memory again.
  return [host, port].join(':');
}

/** Whether a service that stands as `b` needs no edit to be as `a`. */
export function sameService(a: ServiceSettings, b: ServiceSettings): boolean {
  return (
    a.scheduler === b.scheduler &&
    a.persistent === b.persistent &&
    a.ops === b.ops &&
    // The netmask means nothing to a service without persistence.
    (a.persistent === 0 || (a.netmask === b.netmask && (a.oddMask ?? '') === (b.oddMask ?? ''))) &&
    sameSchedulerFlags(a.schedflags, b.schedflags) &&
    (a.persistenceEngine ?? '') === (b.persistenceEngine ?? '') &&
    (b.proxyProtocol === undefined || b.proxyProtocol === (a.proxyProtocol ?? 'none'))
  );
}

/** Whether two destinations of one identity need no edit. */
export function sameDestination(a: DestinationSettings, b: DestinationSettings): boolean {
  return (
    a.forward === b.forward &&
    a.weight === b.weight &&
    a.upperThreshold === b.upperThreshold &&
    a.lowerThreshold === b.lowerThreshold &&
    (a.forward !== 'ipip' || sameTunnel(a.tunnel, b.tunnel))
  );
}

/** Whether a service that stands as `b`, and everything in it, needs no edit to be as `a`. */
export function sameEntry(a: Entry, b: Entry): boolean {
  if (a.destinations.size !== b.destinations.size || !sameService(a.service, b.service)) return false;
  for (const [place, destination] of a.destinations) {
    const standing = b.destinations.get(place);
    if (standing === undefined || !sameDestination(destination, standing)) return false;
  }
  return true;
}

function sameTunnel(a: Tunnel = plainTunnel, b: Tunnel = plainTunnel): boolean {
  return isDeepStrictEqual(a, b);
}
