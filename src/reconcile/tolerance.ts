/**
 * What an administrator did to the table by hand and is left alone. Everything else that differs from the
 * wanted table is put right.
 */

import type { Destination, Entry, ObservedTable, Table } from '../ipvs/table.js';
import { atOnce, type Work } from '../slices.js';
import type { Desired, DesiredEntry } from './desired.js';

/** Quiescent servers that somebody took out, by service key: destination keys. */
export type Removals = ReadonlyMap<string, ReadonlySet<string>>;

export const noRemovals: Removals = new Map();

/** Keys of services from which real servers go that the configuration does not name. */
export type Purge = Pick<ReadonlySet<string>, 'has'>;

export const noPurge: Purge = new Set();
export const purgeAll: Purge = { has: () => true };

/**
 * Quiescent servers that are gone from the table though they were left in it, or were found gone before.
 * Nobody removes a server alone by removing its service, so only services that stand count.
 */
export function removals(wanted: Desired, left: Desired, actual: ObservedTable, earlier: Removals): Removals {
  return atOnce(removalsInSlices(wanted, left, actual, earlier));
}

/** The same as work that can be interrupted. */
export function* removalsInSlices(
  wanted: Desired,
  left: Desired,
  actual: ObservedTable,
  earlier: Removals,
): Work<Removals> {
  const found = new Map<string, ReadonlySet<string>>();
  for (const [service, { removable, destinations }] of wanted) {
    yield;
    const standing = actual.get(service)?.destinations;
    if (standing === undefined || removable.size === 0) continue;
    const known = left.get(service)?.destinations;
    const before = earlier.get(service);
    const gone = [...removable].filter(
      (key) => destinations.get(key)?.weight === 0 && !standing.has(key) && (known?.has(key) || before?.has(key)),
    );
    if (gone.length > 0) found.set(service, new Set(gone));
  }
  return found;
}

/**
 * The table to aim at: the wanted one without what was removed and, but for `purge`, with the real servers that
 * somebody else added to its services: those go at start and at reload only, and not while it is not known which of
 * them a name of the file stands for. The path of a check has its one server alone.
 */
export function* tolerate(wanted: Desired, actual: ObservedTable, removed: Removals, purge: Purge): Work<Table> {
  const target = new Map<string, Entry>();
  for (const [key, entry] of wanted) {
    yield;
    const gone = removed.get(key);
    const foreign = (purge.has(key) && entry.whole) || entry.isPath ? [] : foreignDestinations(entry, actual.get(key));
    target.set(key, gone === undefined && foreign.length === 0 ? entry : adjust(entry, gone, foreign));
  }
  return target;
}

function foreignDestinations({ named }: DesiredEntry, standing: Entry | undefined): [string, Destination][] {
  const found: [string, Destination][] = [];
  for (const [key, destination] of standing?.destinations ?? []) if (!named.has(key)) found.push([key, destination]);
  return found;
}

function adjust(
  { service, destinations }: DesiredEntry,
  gone: ReadonlySet<string> | undefined,
  foreign: readonly [string, Destination][],
): Entry {
  const kept = [...destinations].filter(([key]) => !gone?.has(key));
  return { service, destinations: new Map([...kept, ...foreign]) };
}
