/** What the table will be when a new configuration rules and its servers have been checked. */

import type { Config, RealServer, Virtual } from '../config/model.js';
import { serverName, virtualName } from '../config/names.js';
import { atOnce } from '../config/slices.js';
import type { Operation } from '../ipvs/backend.js';
import { destinationKey, type ObservedTable, serviceKey } from '../ipvs/table.js';
import { type Admin, type Desired, desired, destinationOf, type Hold, type Override, serviceOf } from './desired.js';
import { plan } from './plan.js';
import { purgeAll, type Removals, tolerating } from './tolerance.js';

/** What is known of a real server in a virtual, by names that are the same in every configuration. */
export interface KnownServer {
  readonly virtual: string;
  readonly server: string;
  readonly up: boolean;
  readonly hold: Hold['how'] | null;
  /** Set by hand. */
  readonly weight: number | null;
}

export interface Circumstances {
  readonly known: readonly KnownServer[];
  readonly table: ObservedTable;
  /** Keys of services that are ours to remove. */
  readonly owned: ReadonlySet<string>;
  readonly removed: Removals;
  /** The health of a server that needs no check; null where one decides. */
  readonly settled: (virtual: Virtual, real: RealServer) => boolean | null;
}

export interface Forecast {
  readonly wanted: Desired;
  readonly operations: readonly Operation[];
  /** Keys of destinations, behind the key of their service and a blank, that come only if their first check passes. */
  readonly awaited: ReadonlySet<string>;
}

/** A server that nobody knows yet counts as well: its first check will tell, and the plan says so. */
export function forecast(config: Config, { known, table, owned, removed, settled }: Circumstances): Forecast {
  const byName = new Map(known.map((server) => [`${server.virtual} ${server.server}`, server]));
  const find = (virtual: Virtual, real: RealServer) => byName.get(`${virtualName(virtual)} ${serverName(real)}`);
  const awaited = new Set<string>();
  const isUp = (virtual: Virtual, real: RealServer): boolean => {
    const without = settled(virtual, real);
    if (without !== null) return without;
    const earlier = find(virtual, real);
    if (earlier) return earlier.up;
    const key = placeKey(virtual, real);
    if (key !== null && !stands(table, key)) awaited.add(key.join(' '));
    return true;
  };
  const wanted = desired(config, isUp, adminOf(config, find));
  const target = atOnce(tolerating(wanted, table, removed, purgeAll));
  return { wanted, operations: plan(target, table, owned), awaited };
}

function adminOf({ virtuals }: Config, find: (virtual: Virtual, real: RealServer) => KnownServer | undefined): Admin {
  const held = new Map<RealServer, Hold>();
  const weights = new Map<RealServer, Override>();
  for (const virtual of virtuals) {
    for (const real of virtual.realServers) {
      const earlier = find(virtual, real);
      if (earlier?.hold) held.set(real, { how: earlier.hold, reason: '' });
      if (earlier && earlier.weight !== null) weights.set(real, { weight: earlier.weight, until: null });
    }
  }
  return { held, weights };
}

function placeKey(virtual: Virtual, real: RealServer): readonly [service: string, destination: string] | null {
  const service = serviceOf(virtual);
  const destination = destinationOf(virtual, real);
  return service && destination && [serviceKey(service), destinationKey(destination)];
}

function stands(table: ObservedTable, [service, destination]: readonly [string, string]): boolean {
  return (table.get(service)?.destinations.get(destination)?.weight ?? 0) > 0;
}
