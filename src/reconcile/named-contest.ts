/** Things that somebody else changes back each time that they are put right, by what they are called. */

import { pauseAfter } from './held-back.js';

/** Repairs in a row that may be chance. */
const unsuspected = 3;
/** Milliseconds in order after which repairs are forgotten: more than the longest pauses of two that fight. */
const calm = 150_000;

interface Repaired {
  readonly times: number;
  readonly due: number;
  readonly seen: number;
}

/** Times in milliseconds of one clock. */
export class NamedContest {
  readonly #firstPause: number;
  readonly #repaired = new Map<string, Repaired>();

  /** Milliseconds that the first repair waits which comes after those that may be chance. */
  constructor(firstPause: number) {
    this.#firstPause = firstPause;
  }

  /** It was found changed. Whether somebody is suspected from now on. */
  note(name: string, now: number): boolean {
    this.#forget(now);
    const times = (this.#repaired.get(name)?.times ?? 0) + 1;
    const due = times > unsuspected ? now + pauseAfter(times - unsuspected, this.#firstPause) : now;
    this.#repaired.set(name, { times, due, seen: now });
    return times === unsuspected + 1;
  }

  /** When it is to be put right; null where at once. */
  dueOf(name: string, now: number): number | null {
    const due = this.#repaired.get(name)?.due ?? now;
    return due > now ? due : null;
  }

  #forget(now: number): void {
    for (const [name, { due, seen }] of this.#repaired) {
      if (now - Math.max(due, seen) > calm) this.#repaired.delete(name);
    }
  }
}
