/** What a new configuration would find if it ruled from now on: fit for JSON, so that a plan can be made elsewhere. */

import type { Config, RealServer, Virtual } from '../config/model.js';
import { serverName, virtualName } from '../config/names.js';
import type { Observed, ObservedTable, Service } from '../ipvs/table.js';
import { destinationKey, serviceKey } from '../ipvs/table.js';
import type { Admin, IsUp } from '../reconcile/desired.js';
import type { KnownServer } from '../reconcile/forecast.js';

export interface Outlook {
  readonly servers: readonly KnownServer[];
  /** Keys of services that are the daemon's to remove. */
  readonly owned: readonly string[];
  /** Keys of destinations that somebody took out by hand, by service key. */
  readonly removed: readonly (readonly [service: string, destinations: readonly string[]])[];
  readonly table: readonly OutlookEntry[];
}

export interface OutlookEntry {
  readonly service: Service;
  readonly destinations: readonly Observed[];
}

/** What the parts know. */
export interface OutlookParts {
  readonly table: ObservedTable;
  readonly owned: ReadonlySet<string>;
  readonly removed: ReadonlyMap<string, ReadonlySet<string>>;
  readonly isUp: IsUp;
  readonly admin: Admin;
}

export function outlookOf({ virtuals }: Config, { table, owned, removed, isUp, admin }: OutlookParts): Outlook {
  const known = (virtual: Virtual, real: RealServer): KnownServer => ({
    virtual: virtualName(virtual),
    server: serverName(real),
    up: isUp(virtual, real),
    hold: admin.held.get(real)?.how ?? null,
    weight: admin.weights.get(real)?.weight ?? null,
  });
  return {
    servers: virtuals.flatMap((virtual) => virtual.realServers.map((real) => known(virtual, real))),
    owned: [...owned],
    removed: [...removed].map(([key, destinations]) => [key, [...destinations]]),
    table: entriesOf(table),
  };
}

export function entriesOf(table: ObservedTable): OutlookEntry[] {
  return [...table.values()].map(({ service, destinations }) => ({
    service,
    destinations: [...destinations.values()],
  }));
}

export function tableOf(entries: readonly OutlookEntry[]): ObservedTable {
  return new Map(
    entries.map(({ service, destinations }) => [
      serviceKey(service),
      { service, destinations: new Map(destinations.map((destination) => [destinationKey(destination), destination])) },
    ]),
  );
}
