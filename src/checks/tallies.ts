/**
 * What each check came to last: when it was run, and how many results in a row agree. It stands in memory that the
 * threads share: they write after each check, and the main thread looks when somebody wants to know. A message for each
 * of thousands of results that are no news would cost more than all else.
 */

import { streakAfter } from '../health/policy.js';
import type { Verdict } from '../probes/probe.js';

export interface Tally {
  /** Results in a row that agree: successes above 0, failures below. */
  readonly streak: number;
  /** When the last check ended, in milliseconds since 1970; null before the first. */
  readonly at: number | null;
}

/** What a place holds, each as a 64-bit number: whose it is, so that who writes late does not write over the next one. */
const field = { id: 0, streak: 1, at: 2, passed: 3 } as const;
const fields = 4;
const placeBytes = fields * Float64Array.BYTES_PER_ELEMENT;
/** Places at the beginning, and at most: room in the address space alone, until it is used. */
const first = 1_024;
const most = 2 ** 21;

export class Tallies {
  readonly memory: SharedArrayBuffer;
  /**
   * Of a length of its own, made anew where a place is beyond it: of one that follows the memory V8 asks the length at each
   * access, which takes longer than all else that is done here.
   */
  #values: Float64Array;
  #used = 0;
  readonly #free: number[] = [];

  /** With the memory of another thread, that; otherwise new. */
  constructor(memory = new SharedArrayBuffer(first * placeBytes, { maxByteLength: most * placeBytes })) {
    this.memory = memory;
    this.#values = wholeOf(memory);
  }

  /** A place for a check with this number, above 0. For the thread that hands places out. Throws where there is none left. */
  add(id: number): number {
    const place = this.#free.pop() ?? this.#used;
    if (place === this.#used) this.#used += 1;
    const needed = this.#used * placeBytes;
    if (needed > this.memory.byteLength) {
      this.memory.grow(Math.min(Math.max(needed, this.memory.byteLength * 2), this.memory.maxByteLength));
    }
    this.#reach(place).set([id, 0, 0, 0], place * fields);
    return place;
  }

  /** The place is another's from now on. */
  remove(place: number): void {
    this.#reach(place)[place * fields + field.id] = 0;
    this.#free.push(place);
  }

  /** Takes note of a result of a check that ended at `at`, in milliseconds since 1970; returns its streak. */
  note(place: number, id: number, ok: Verdict, at: number): number {
    const values = this.#reach(place);
    const start = place * fields;
    if (values[start + field.id] !== id) return streakAfter(0, ok);
    const streak = streakAfter(values[start + field.streak] ?? 0, ok);
    values[start + field.streak] = streak;
    values[start + field.at] = at;
    if (ok) values[start + field.passed] = at;
    return streak;
  }

  of(place: number): Tally {
    const values = this.#reach(place);
    const start = place * fields;
    return { streak: values[start + field.streak] ?? 0, at: values[start + field.at] || null };
  }

  /** When the last check that passed ended, in milliseconds since 1970; null before the first. */
  passedAt(place: number): number | null {
    return this.#reach(place)[place * fields + field.passed] || null;
  }

  /** The values, among them those of the place: another thread may have made room for it meanwhile. */
  #reach(place: number): Float64Array {
    if ((place + 1) * fields > this.#values.length) this.#values = wholeOf(this.memory);
    return this.#values;
  }
}

function wholeOf(memory: SharedArrayBuffer): Float64Array {
  return new Float64Array(memory, 0, memory.byteLength / Float64Array.BYTES_PER_ELEMENT);
}
