/** What is known of each entry: whose it is, how it was left, what is held back and why. */

import type { Operation } from '../ipvs/backend.js';
import { placeOf } from '../ipvs/place.js';
import { type Destination, type Entry, type ObservedTable, sameEntry } from '../ipvs/table.js';
import { changedKeys } from '../model/revised.js';
import type { Work } from '../slices.js';
import { Contest } from './contest.js';
import type { Desired, DesiredEntry } from './desired.js';
import { type Missing, missingFor } from './missing.js';
import { planInSlices, planRemovals, planServices, type ServicePlan } from './plan.js';
import { Refusals } from './refusals.js';
import { noPurge, noRemovals, type Removals, removals, removalsInSlices, tolerate } from './tolerance.js';

/** What is to be done, and what a look has found. */
export interface Survey {
  readonly plans: readonly ServicePlan[];
  /** All that differs, with what is held back. */
  readonly differences: number;
  /** What differs from how it was left, without what is held back. */
  readonly drift: readonly Operation[];
  /** What of it somebody is suspected from now on to change back each time. */
  readonly contested: readonly Operation[];
  /** When the first of what is held back is to be tried again, in milliseconds of performance.now(). */
  readonly wakeAt: number;
}

export class Ledger {
  readonly refusals: Refusals;
  readonly #contest: Contest;
  /** Keys of services that are or were wanted: ours to remove. */
  readonly #owned = new Set<string>();
  /** Services that the role leaves out, and those that it left out and are put back. */
  #leftOut: ReadonlySet<string> = new Set();
  readonly #returning = new Set<string>();
  /** Services from which real servers go that the configuration does not name. */
  readonly #purging = new Set<string>();
  /** Whether they are to be found. */
  #purge = false;
  /** What stood in each service when it was last in order; services that are not are left out. */
  readonly #left = new Map<string, DesiredEntry>();
  /** Services of which a part was changed and the rest was not: they stand neither as they were left nor as they are wanted. */
  readonly #halfway = new Set<string>();
  #removed: Removals = noRemovals;
  /** The entries of the table that were found to be just as they were left. */
  readonly #inOrder = new Map<string, Entry>();
  /** Keys of services that may not be in order, wanted or to be removed; null while that may be any. */
  #open: Set<string> | null = null;
  #begun: Desired | null = null;

  /** Milliseconds before what was refused is first tried again. */
  constructor(firstPause: number) {
    this.refusals = new Refusals(firstPause);
    this.#contest = new Contest(4 * firstPause);
  }

  get owned(): ReadonlySet<string> {
    return this.#owned;
  }

  get left(): Desired {
    return this.#left;
  }

  /** What is found to have been taken out by hand. */
  removedFrom(table: ObservedTable): Removals {
    return removals(this.#left, this.#left, table, this.#removed);
  }

  /** What stands and is ours though nobody wants it: another run left it. */
  *claim(table: ObservedTable, isOurs: (entry: Entry) => boolean): Work<void> {
    for (const [key, entry] of table) {
      if (isOurs(entry)) this.#owned.add(key);
      yield;
    }
  }

  /** Whether what is done to a service is done since this director has become active or passive. */
  isByRole(key: string): boolean {
    return this.#leftOut.has(key) || this.#returning.has(key);
  }

  /**
   * A plan is going to be made for this, in which these keys may be wanted otherwise than in the one before, or any; the
   * services of `leftOut` are ours, and the role keeps them out.
   */
  begin(wanted: Desired, changed: ReadonlySet<string> | null, leftOut: ReadonlySet<string>, purge: boolean): void {
    // For a purge all are looked at.
    const others = changed ?? (purge ? null : this.#otherwise(wanted));
    if (others === null) this.#open = null;
    else for (const key of this.#open === null ? [] : others) this.#open?.add(key);
    if (wanted !== this.#begun) {
      for (const key of others ?? wanted.keys()) if (wanted.has(key)) this.#owned.add(key);
    }
    this.#begun = wanted;
    if (leftOut !== this.#leftOut) {
      for (const key of leftOut) this.#owned.add(key);
      for (const key of this.#leftOut) if (!leftOut.has(key) && wanted.has(key)) this.#returning.add(key);
      for (const key of leftOut) this.#returning.delete(key);
      this.#leftOut = leftOut;
    }
    this.#purge ||= purge;
  }

  /** The keys of services that are wanted otherwise than in the plan before; null where that may be any. */
  #otherwise(wanted: Desired): ReadonlySet<string> | null {
    return this.#begun === null ? null : new Set(changedKeys(this.#begun, wanted));
  }

  /** `looked` where the table has just been read, and not only changed by ourselves. */
  *survey(wanted: Desired, table: ObservedTable, looked: boolean): Work<Survey> {
    if (looked) {
      this.#open = null;
      // Somebody else may have put them there.
      for (const key of this.#leftOut) this.#owned.add(key);
    }
    this.#open ??= yield* this.#notAsWanted(wanted, table);
    if (this.#purge) yield* this.#findPurged(wanted, table, this.#open);
    const removedBefore = this.#removed;
    this.#removed = yield* this.#findRemoved(wanted, table, this.#open);
    const open = yield* this.#outOfOrder(wanted, table, this.#open);
    const target = yield* tolerate(open, table, this.#removed, this.#purging);
    const gone = this.#ownedAmong(this.#open);
    const all = [...(yield* planServices(target, table)), ...planRemovals(wanted, table, gone)];
    const drift = looked ? yield* this.#drift(wanted, table, all, removedBefore, this.#open) : [];
    const contested = looked ? this.#contest.findContested(drift, table) : [];
    this.refusals.forget(wanted, table);
    const { plans, wakeAt } = this.#ready(all);
    yield* this.#settleOthers(wanted, open, table, all, plans);
    const now = performance.now();
    return {
      plans,
      differences: all.reduce((sum, { first, last }) => sum + first.length + last.length, 0),
      drift: drift.filter((operation) => !this.#contest.waits(operation, now)),
      contested,
      wakeAt,
    };
  }

  /**
   * Where any may be out of order most are not: a service that stands just as it is wanted, and was not left otherwise, is
   * done with. Gives the keys of the others, and of those that are to be removed.
   */
  *#notAsWanted(wanted: Desired, table: ObservedTable): Work<Set<string>> {
    const others = new Set<string>();
    for (const [key, entry] of wanted) {
      yield;
      // What somebody added is tolerated in what is in order.
      if (!this.#purge && this.#isInOrder(key, entry, table)) continue;
      const standing = table.get(key);
      const left = this.#left.get(key);
      const isNews = (left !== undefined && left !== entry) || this.#removed.has(key);
      if (isNews || standing === undefined || !sameEntry(entry, standing)) {
        others.add(key);
        continue;
      }
      this.settle(key, wanted, table);
      this.#inOrder.set(key, standing);
    }
    for (const key of this.#notWanted(wanted)) others.add(key);
    return others;
  }

  /** From most services no real server is to go: nothing but what is wanted stands there. */
  *#findPurged(wanted: Desired, table: ObservedTable, open: ReadonlySet<string>): Work<void> {
    for (const [key, entry] of someOf(wanted, open)) {
      yield;
      if (!hasNoOther(entry, table.get(key))) this.#purging.add(key);
    }
    this.#purge = false;
  }

  /** Whether it was left so and nothing has changed since. */
  #isInOrder(key: string, entry: DesiredEntry, table: ObservedTable): boolean {
    const isLeft = this.#left.get(key) === entry && !this.#purging.has(key);
    const standing = isLeft ? table.get(key) : undefined;
    return standing !== undefined && this.#inOrder.get(key) === standing;
  }

  /** What was taken out by hand: nothing else than before where nothing else may be otherwise. */
  *#findRemoved(wanted: Desired, table: ObservedTable, open: ReadonlySet<string>): Work<Removals> {
    const before = this.#removed;
    const found = yield* removalsInSlices(someOf(wanted, open), this.#left, table, before);
    if (found.size === 0 && ![...open].some((key) => before.has(key))) return before;
    const all = new Map(before);
    for (const key of open) all.delete(key);
    for (const [key, gone] of found) all.set(key, gone);
    return all;
  }

  #ownedAmong(keys: ReadonlySet<string>): ReadonlySet<string> {
    return new Set([...keys].filter((key) => this.#owned.has(key)));
  }

  /** Of those that are ours. */
  #notWanted(wanted: Desired): string[] {
    return this.#owned.size === wanted.size ? [] : [...this.#owned].filter((key) => !wanted.has(key));
  }

  /** Everything in a service has been answered. */
  settle(key: string, wanted: Desired, table: ObservedTable): void {
    this.#open?.add(key);
    this.#halfway.delete(key);
    const entry = wanted.get(key);
    if (entry === undefined) {
      this.#left.delete(key);
      this.#inOrder.delete(key);
      this.#returning.delete(key);
      if (!table.has(key)) this.#owned.delete(key);
      return;
    }
    this.#purging.delete(key);
    this.#returning.delete(key);
    const left = this.#asLeft(key, entry, table);
    if (left === null) this.#left.delete(key);
    else if (this.#left.get(key) !== left) this.#left.set(key, left);
  }

  /** Something in a service has been answered, and not all of it: a newer wish may come before the rest. */
  noteHalfway(key: string): void {
    this.#open?.add(key);
    this.#halfway.add(key);
  }

  /** Something in a service went otherwise than expected. */
  unsettle(key: string): void {
    this.#open?.add(key);
    this.#halfway.delete(key);
    this.#left.delete(key);
  }

  /** What of these services does not stand as it is wanted, and why; of those with these keys alone, where some are given. */
  *missing(
    wanted: Desired,
    table: ObservedTable,
    otherwise: string,
    some: ReadonlySet<string> | null = null,
  ): Work<Missing[]> {
    // Of those that are in order nothing is missing.
    const only = some ?? (wanted === this.#begun && !this.#purge ? this.#open : null);
    const target = yield* tolerate(only === null ? wanted : someOf(wanted, only), table, this.#removed, noPurge);
    const removed = planRemovals(wanted, table, only === null ? this.#owned : this.#ownedAmong(only));
    const plans = [...(yield* planServices(target, table)), ...removed];
    return plans.flatMap(({ first, last }) => {
      const all = [...first, ...last];
      // Without a service nothing is in it.
      const told = all[0]?.type === 'add-service' ? all.slice(0, 1) : all;
      return told.map((operation) => missingFor(operation, this.#reason(operation) ?? otherwise));
    });
  }

  /** A change of one server leaves all other services as they were, of which a large table has many. */
  *#outOfOrder(wanted: Desired, table: ObservedTable, open: Set<string>): Work<Desired> {
    const found = new Map<string, DesiredEntry>();
    for (const key of [...open]) {
      const entry = wanted.get(key);
      const isClosed = entry === undefined ? !this.#owned.has(key) : this.#isInOrder(key, entry, table);
      if (isClosed) open.delete(key);
      else if (entry !== undefined) found.set(key, entry);
      yield;
    }
    return found;
  }

  #reason(operation: Operation): string | null {
    const failure = this.refusals.failureAt(placeOf(operation));
    if (failure !== null) return `${failure.message} (${failure.code})`;
    if (!this.#contest.waits(operation, performance.now())) return null;
    return 'somebody else changes it back each time; it is put right less often now';
  }

  /** What would bring the table back to how it was left. */
  *#drift(
    wanted: Desired,
    table: ObservedTable,
    plans: readonly ServicePlan[],
    removedBefore: Removals,
    open: ReadonlySet<string>,
  ): Work<Operation[]> {
    // Where nothing new is wanted, all that is to be done is drift.
    const isSteady = (key: string): boolean => this.#left.get(key) === wanted.get(key) && !this.#purging.has(key);
    const isKnown = (key: string): boolean => this.#left.has(key) && !this.#halfway.has(key);
    const steady = plans.filter(({ key }) => isKnown(key) && isSteady(key));
    const drift = steady.flatMap(({ first, last }) => [...first, ...last]);
    const others = someOf(
      this.#left,
      [...open].filter((key) => isKnown(key) && !isSteady(key)),
    );
    if (others.size === 0) return drift;
    const target = yield* tolerate(others, table, removals(others, others, table, removedBefore), noPurge);
    return [...drift, ...(yield* planInSlices(target, table, new Set()))];
  }

  /** The plans without what is held back. */
  #ready(all: readonly ServicePlan[]): { readonly plans: readonly ServicePlan[]; readonly wakeAt: number } {
    if (this.refusals.size === 0 && this.#contest.size === 0) return { plans: all, wakeAt: Number.POSITIVE_INFINITY };
    const now = performance.now();
    let wakeAt = Number.POSITIVE_INFINITY;
    const isReady = (operation: Operation): boolean => {
      const refused = this.refusals.waits(operation, now);
      if (!refused && !this.#contest.waits(operation, now)) return true;
      const due = refused ? this.refusals.dueOf(operation) : this.#contest.dueOf(operation);
      wakeAt = Math.min(wakeAt, due ?? Number.POSITIVE_INFINITY);
      return false;
    };
    const plans: ServicePlan[] = [];
    for (const { key, first, last } of all) {
      const [head] = first;
      // What belongs into a service that does not stand cannot be put there.
      if (head?.type === 'add-service' && !isReady(head)) continue;
      const ready = { key, first: first.filter(isReady), last: last.filter(isReady) };
      if (ready.first.length + ready.last.length > 0) plans.push(ready);
    }
    return { plans, wakeAt };
  }

  /** Those for which there is nothing to be done now. */
  *#settleOthers(
    wanted: Desired,
    open: Desired,
    table: ObservedTable,
    all: readonly ServicePlan[],
    ready: readonly ServicePlan[],
  ): Work<void> {
    const busy = new Set(ready.map(({ key }) => key));
    const contested = new Set(
      this.#contest.size === 0
        ? []
        : all
            .filter(({ first, last }) =>
              [...first, ...last].some((operation) => this.#contest.dueOf(operation) !== null),
            )
            .map(({ key }) => key),
    );
    const differing = new Set(all.map(({ key }) => key));
    for (const [key, entry] of open) {
      yield;
      if (busy.has(key) || contested.has(key)) continue;
      const isSettled = this.#left.get(key) === entry && !this.#purging.has(key) && !this.#halfway.has(key);
      if (!isSettled) this.settle(key, wanted, table);
      const standing = table.get(key);
      if (standing === undefined || differing.has(key)) continue;
      this.#inOrder.set(key, standing);
      // A look finds all of them open, and nothing is to be planned for most: `missing` need not ask again.
      if (this.#isInOrder(key, entry, table)) this.#open?.delete(key);
    }
    for (const key of this.#notWantedOpen(wanted)) if (!busy.has(key)) this.settle(key, wanted, table);
  }

  #notWantedOpen(wanted: Desired): string[] {
    return [...(this.#open ?? [])].filter((key) => this.#owned.has(key) && !wanted.has(key));
  }

  /** What is wanted, and of what was refused what stands instead; null where nothing does. */
  #asLeft(key: string, entry: DesiredEntry, table: ObservedTable): DesiredEntry | null {
    const standing = table.get(key);
    if (standing === undefined) return null;
    if (this.refusals.size === 0) return entry;
    const destinations = new Map<string, Destination>(entry.destinations);
    const isRefused = (destination: string | null): boolean =>
      this.refusals.failureAt({ service: key, destination }) !== null;
    const refused = [...entry.destinations.keys()].filter(isRefused);
    for (const place of refused) {
      const found = standing.destinations.get(place);
      if (found === undefined) destinations.delete(place);
      else destinations.set(place, found);
    }
    const service = !isRefused(null) ? entry.service : standing.service;
    return refused.length === 0 && service === entry.service ? entry : { ...entry, service, destinations };
  }
}

function hasNoOther({ destinations }: DesiredEntry, standing: Entry | undefined): boolean {
  for (const key of standing?.destinations.keys() ?? []) if (!destinations.has(key)) return false;
  return true;
}

/** What is wanted of these. */
function someOf(wanted: Desired, keys: Iterable<string>): Desired {
  const some = new Map<string, DesiredEntry>();
  for (const key of keys) {
    const entry = wanted.get(key);
    if (entry !== undefined) some.set(key, entry);
  }
  return some;
}
