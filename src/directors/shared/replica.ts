/**
 * What is asked for servers by hand, on one director, of what all directors have asked: what the store held when it was seen
 * last, and what was decided here that the store does not have yet. The store has one value for a key, and takes one only in
 * the place of that which its writer knew: so all who have read it hold the same. Pure: values and the time in, no socket, no
 * clock, no file.
 */

import { type Origin, unknownOrigin } from '../../model/origin.js';
import type { Override } from '../../model/override.js';
import { isSameSubject, standing } from '../../overrides/by-hand.js';
import type { Ended } from '../../overrides/by-hand-file.js';
import { type Entry, entryIn, entryText } from './entry.js';
import { type About, aboutOf, isOverrideKey, keyOf } from './keys.js';
import { compareStamps, laterStamp, type Stamp, stampAfter } from './stamp.js';

/** What is known of a key. */
export interface Kept {
  readonly entry: Entry;
  /** At which it stood in the store as it was seen last; 0 where it did not. */
  readonly revision: number;
  /** Whether it was decided here, and the store does not have it yet. */
  readonly isPending: boolean;
}

/** What stands in the store under a key. */
export interface Found {
  readonly value: string;
  /** At which it was written. */
  readonly revision: number;
}

/** What is to be written, if the key is still at `expected`; 0 is that it is not there. Null takes it away. */
export interface Write {
  readonly key: string;
  readonly expected: number;
  readonly value: string | null;
  readonly entry: Entry | null;
}

/** That something is not asked for any more, whether it was or not. */
export interface TakenBack extends About {
  readonly origin: Origin;
}

/** Milliseconds for which it is known that something was taken back: seven days. */
export const tombstoneAge = 7 * 24 * 3_600_000;
/** Keys that are kept: each is one server, in all virtual services or in one. */
export const mostKeys = 100_000;

export class Replica {
  /** Of this director. */
  readonly name: string;
  readonly #kept = new Map<string, Kept>();
  /** Of keys that are there and mean nothing, by key. */
  readonly #faults = new Map<string, string>();
  #latest: Stamp | null = null;
  #byHand: readonly Override[] | null = null;
  /** What others have taken back since that was asked last. */
  #ended: TakenBack[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** What counts, in the order in which the store got it; what it does not have yet is the last. Another value whenever it is another. */
  get byHand(): readonly Override[] {
    this.#byHand ??= [...this.#kept].sort(inOrder).flatMap(([, { entry }]) => entry.asked ?? []);
    return this.#byHand;
  }

  /** Keys that mean nothing, with why. */
  get faults(): ReadonlyMap<string, string> {
    return this.#faults;
  }

  /** How many decisions the store does not have yet. */
  get pending(): number {
    let pending = 0;
    for (const { isPending } of this.#kept.values()) if (isPending) pending += 1;
    return pending;
  }

  /** The greatest at which anything stood in the store as it was seen last. */
  get revision(): number {
    let greatest = 0;
    for (const { revision } of this.#kept.values()) greatest = Math.max(greatest, revision);
    return greatest;
  }

  /** What others have taken back since this was called last, and who did. */
  takeEnded(): readonly TakenBack[] {
    const ended = this.#ended;
    this.#ended = [];
    return ended;
  }

  /** What a run before has kept; first of all. */
  restore(entries: Iterable<readonly [string, Kept]>): void {
    for (const [key, kept] of entries) this.#keep(key, kept);
  }

  *all(): Generator<readonly [string, Kept]> {
    yield* this.#kept;
  }

  /**
   * What was asked before there was a store, or by a run that could not keep more of it: it counts from when it was asked,
   * where nothing later is known. What others have asked is in the store, or was taken back.
   */
  adopt(overrides: readonly Override[]): void {
    for (const override of overrides) {
      const key = keyOf(override);
      if ('fault' in aboutOf(key) || (override.on ?? this.name) !== this.name) continue;
      const known = this.#kept.get(key);
      const stamp = { at: override.since ?? 0, count: 0, by: this.name };
      const isKnown = known?.entry.stamp === null || (known && compareStamps(known.entry.stamp, stamp) >= 0);
      if (isKnown) continue;
      const entry = entryOf(override, stamp, this.name);
      this.#keep(key, { entry, revision: known?.revision ?? 0, isPending: true });
    }
  }

  /**
   * Somebody here has asked that this be what counts. Without `ended` nothing is taken back. Later than everything that
   * was seen; `now` in milliseconds since 1970.
   */
  decide(after: readonly Override[], ended: Ended | null, now: number): void {
    const before = this.byHand;
    const old = new Set(before);
    for (const override of after) {
      if (!old.has(override)) this.#decide(override, (stamp) => entryOf(override, stamp, this.name), now);
    }
    if (ended === null) return;
    const gone = standing(before, now).filter((override) => !after.some((other) => isSameSubject(other, override)));
    const origin = { ...ended.origin, on: this.name };
    const about = new Map([...ended.about, ...gone].map((one) => [keyOf(one), one]));
    for (const one of about.values()) this.#decide(one, (stamp) => ({ asked: null, origin, stamp }), now);
  }

  #decide(about: About, entryWith: (stamp: Stamp) => Entry, now: number): void {
    const key = keyOf(about);
    const revision = this.#kept.get(key)?.revision ?? 0;
    this.#keep(key, { entry: entryWith(stampAfter(this.#latest, now, this.name)), revision, isPending: true });
  }

  /** The store has this under a key, or, with null, nothing any more; `isNews` is that it was written just now. */
  see(key: string, found: Found | null, isNews = true): void {
    const known = this.#kept.get(key);
    if (found === null) {
      this.#faults.delete(key);
      if (known === undefined) return;
      if (known.isPending) this.#keep(key, { ...known, revision: 0 });
      else this.#drop(key, known);
      return;
    }
    // What is older was read before something else was told of.
    if (known !== undefined && found.revision <= known.revision) return;
    const about = aboutOf(key);
    const read = 'fault' in about ? about : entryIn(about, found.value);
    if ('fault' in read) this.#faults.set(key, read.fault);
    else this.#faults.delete(key);
    const entry = 'fault' in read ? nothing : read;
    const later = known?.isPending ? compareEntries(known.entry, entry) : -1;
    if (known !== undefined && later >= 0) {
      this.#latest = laterStamp(this.#latest, entry.stamp);
      this.#keep(key, { ...known, revision: found.revision, isPending: later > 0 });
      return;
    }
    if (known === undefined && this.#kept.size >= mostKeys) {
      this.#faults.set(key, `there are more than ${mostKeys} keys`);
      return;
    }
    // What was taken back before this director knew anything of it is nothing to it.
    if (entry.asked === null && !('fault' in about) && (known !== undefined || isNews)) {
      this.#ended.push({ ...about, origin: entry.origin });
    }
    this.#keep(key, { entry, revision: found.revision, isPending: false });
  }

  /**
   * The store was read whole. Where it is another than the one that was seen before, or has lost what it had, nothing in
   * it was taken back: what is missing in it is to be written again.
   */
  seeAll(all: ReadonlyMap<string, Found>, isSame: boolean): void {
    for (const [key, kept] of [...this.#kept]) {
      if (!isSame) this.#keep(key, { ...kept, revision: 0, isPending: true });
      else if (!all.has(key)) this.see(key, null);
    }
    for (const key of [...this.#faults.keys()]) if (!all.has(key)) this.#faults.delete(key);
    for (const [key, found] of all) if (isOverrideKey(key)) this.see(key, found, false);
  }

  /** What the store does not have yet, and tombstones that are old enough to go; `now` in milliseconds since 1970. */
  writes(now: number): readonly Write[] {
    const writes: Write[] = [];
    for (const [key, { entry, revision, isPending }] of this.#kept) {
      if (isPending) writes.push({ key, expected: revision, value: entryText(entry), entry });
      else if (isOver(entry, now)) writes.push({ key, expected: revision, value: null, entry: null });
    }
    return writes;
  }

  /** The store has taken it, at a revision. */
  written({ key, entry }: Write, revision: number): void {
    const known = this.#kept.get(key);
    if (entry === null) {
      this.see(key, null);
      return;
    }
    if (known === undefined || revision <= known.revision) return;
    // Somebody may have decided anew meanwhile, and knew of this one.
    this.#keep(key, { ...known, revision, isPending: known.entry !== entry });
  }

  #keep(key: string, kept: Kept): void {
    this.#kept.set(key, kept);
    this.#latest = laterStamp(this.#latest, kept.entry.stamp);
    this.#byHand = null;
  }

  #drop(key: string, { entry: { asked } }: Kept): void {
    if (asked !== null)
      this.#ended.push({ kind: asked.kind, server: asked.server, virtual: asked.virtual, origin: unknownOrigin });
    this.#kept.delete(key);
    this.#byHand = null;
  }
}

/** Of a key that means nothing. */
const nothing: Entry = { asked: null, origin: unknownOrigin, stamp: null };

function entryOf(override: Override, stamp: Stamp, name: string): Entry {
  const { who, since, why, on = name } = override;
  const origin: Origin = { who, since, why, on };
  return { asked: { ...override, on }, origin, stamp };
}

/** As the store got them; what it does not have yet is the last. */
function inOrder([key, a]: readonly [string, Kept], [other, b]: readonly [string, Kept]): number {
  const place = (kept: Kept): number => (kept.isPending ? Number.MAX_SAFE_INTEGER : kept.revision);
  return (
    place(a) - place(b) ||
    (a.entry.stamp && b.entry.stamp && compareStamps(a.entry.stamp, b.entry.stamp)) ||
    (key < other ? -1 : 1)
  );
}

/**
 * Above 0 where what was decided here counts, below where what stands in the store does; 0 is the same. What nobody stamped
 * has no time: it comes after everything that was decided without knowing it.
 */
function compareEntries({ stamp: ours }: Entry, { stamp }: Entry): number {
  return ours === null || stamp === null ? -1 : compareStamps(ours, stamp);
}

/** Whether nobody needs to know any more that it was asked for. */
function isOver({ asked, origin, stamp }: Entry, now: number): boolean {
  const end = asked === null ? (origin.since ?? stamp?.at ?? null) : asked.until;
  return end !== null && now - end > tombstoneAge;
}
