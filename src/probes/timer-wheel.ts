/**
 * What is due when: adding, removing and firing cost the same for ten entries and for ten thousand. A hashed wheel
 * (Varghese and Lauck, 1987) with one timer of Node's, which sleeps until the next slot that holds something.
 */

import { monotonic } from '../system/clock.js';
import { guarded } from './confinement.js';

/**
 * Milliseconds of a slot: an entry fires up to as much late, and never early. Wide, since what is done for many at once
 * is done for each in less time.
 */
const slotWidth = 8;
/** Powers of two. Entries further off than all slots wait in their slot for another round. */
const manySlots = 4096;
export const fewSlots = 512;
const bits = 32;

/** The entries of a slot are a ring of links, which makes no garbage as they come and go. */
interface Link {
  before: Link;
  after: Link;
}

/** What is to stand in a wheel. */
export abstract class Timed implements Link {
  /** In milliseconds of the clock that all threads share. Not to be changed while the entry is in a wheel. */
  due: number;
  /** The wheel's own: the slot that the entry stands in, or null; and its neighbours there. */
  slot: number | null = null;
  before: Link = this;
  after: Link = this;

  constructor(due: number) {
    this.due = due;
  }
}

/** The beginning and end of a slot's ring. */
class Ends implements Link {
  before: Link = this;
  after: Link = this;
}

export class TimerWheel<T extends Timed> {
  readonly #fire: (entry: T) => void;
  readonly #slots: readonly Ends[];
  /** A bit for each slot that holds something. */
  readonly #occupied: Uint32Array;
  /** Counted from time 0, the first tick that has not been gone through. */
  #next = tickOf(monotonic());
  #timer: NodeJS.Timeout | null = null;
  #count = 0;
  /** The tick that the timer waits for. */
  #awaited = Number.POSITIVE_INFINITY;

  /** `fire` is called once for each entry when it is due, and may add and remove entries. */
  constructor(fire: (entry: T) => void, slots: typeof manySlots | typeof fewSlots = manySlots) {
    this.#fire = fire;
    this.#slots = Array.from({ length: slots }, () => new Ends());
    this.#occupied = new Uint32Array(slots / bits);
  }

  /** Adds an entry that is in no wheel. */
  add(entry: T): void {
    const tick = Math.max(tickOf(entry.due), this.#next);
    const slot = tick % this.#slots.length;
    const ends = this.#slots[slot];
    if (ends === undefined) return;
    link(ends.before, entry);
    link(entry, ends);
    entry.slot = slot;
    this.#count += 1;
    if (this.#count === 1) this.#timer?.ref();
    this.#occupied[slot >> 5] = (this.#occupied[slot >> 5] ?? 0) | (1 << (slot % bits));
    if (tick < this.#awaited) this.#sleepUntil(tick);
  }

  /** Does nothing where the entry is in no wheel. */
  remove(entry: T): void {
    const { slot } = entry;
    if (slot === null) return;
    this.#count -= 1;
    entry.slot = null;
    link(entry.before, entry.after);
    entry.before = entry;
    entry.after = entry;
    const ends = this.#slots[slot];
    if (ends?.after === ends) this.#occupied[slot >> 5] = (this.#occupied[slot >> 5] ?? 0) & ~(1 << (slot % bits));
    // A wheel that is empty holds up no end of the process; its timer stays for the next entry.
    if (this.#count === 0) this.#timer?.unref();
  }

  /** Ends the timer. What is in the wheel never fires. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#awaited = Number.NEGATIVE_INFINITY;
  }

  #sleepUntil(tick: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#awaited = tick;
    this.#timer = setTimeout(this.#turn, Math.max(1, Math.ceil(tick * slotWidth - monotonic())));
  }

  /** Fires what is due and sleeps on. */
  readonly #turn = guarded((): void => {
    this.#timer = null;
    // While firing, nothing that is added sets the timer.
    this.#awaited = Number.NEGATIVE_INFINITY;
    const now = monotonic();
    const last = Math.floor(now / slotWidth);
    // After a long stall one round meets every entry.
    const first = Math.max(this.#next, last - this.#slots.length + 1);
    this.#next = last + 1;
    for (let tick = first; tick <= last; tick += 1) this.#fireSlot(tick % this.#slots.length, now);
    this.#awaited = Number.POSITIVE_INFINITY;
    const next = this.#nextOccupied();
    if (next !== null) this.#sleepUntil(next);
  });

  #fireSlot(slot: number, now: number): void {
    const ends = this.#slots[slot];
    if (ends === undefined || ends.after === ends) return;
    // What fires may take others out and put new ones in: the ring is gone through on a copy.
    const entries: T[] = [];
    for (let at = ends.after; at !== ends; at = at.after) entries.push(at as T);
    for (const entry of entries) {
      // Another may have removed it meanwhile, or it is for a later round.
      if (entry.slot !== slot || entry.due > now) continue;
      this.remove(entry);
      this.#fire(entry);
    }
  }

  /** The tick of the first slot from the next one on that holds something, were it for this round; null for none. */
  #nextOccupied(): number | null {
    const start = this.#next % this.#slots.length;
    for (let step = 0; step <= this.#slots.length / bits; step += 1) {
      const word = ((start >> 5) + step) % (this.#slots.length / bits);
      let held = this.#occupied[word] ?? 0;
      // The first word is looked at twice: from the next slot on, and at last up to it.
      if (step === 0) held &= ~0 << (start % bits);
      if (held === 0) continue;
      const slot = word * bits + (31 - Math.clz32(held & -held));
      return this.#next + ((slot - start + this.#slots.length) % this.#slots.length);
    }
    return null;
  }
}

function link(before: Link, after: Link): void {
  before.after = after;
  after.before = before;
}

/** The first tick at which an entry that is due at a time may fire. */
function tickOf(due: number): number {
  return Math.ceil(due / slotWidth);
}
