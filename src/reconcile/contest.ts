/** Entries that somebody else changes back each time that they are put right: another director, most likely. */

import type { Operation } from '../ipvs/backend.js';
import { destinationKey, type ObservedTable, serviceKey } from '../ipvs/table.js';
import { type Held, HeldBack, pauseAfter } from './held-back.js';

/** Repairs in a row that may be chance. */
const unsuspected = 3;
/** Milliseconds in order after which repairs are forgotten: more than the longest pauses of two that fight. */
const calm = 150_000;

interface Repaired extends Held {
  /** How it was found. */
  readonly state: string;
  /** Milliseconds of performance.now(). */
  readonly seen: number;
}

export class Contest {
  readonly #firstPause: number;
  readonly #repaired = new HeldBack<Repaired>();

  /** Milliseconds that the first repair waits which comes after those that may be chance. */
  constructor(firstPause: number) {
    this.#firstPause = firstPause;
  }

  get size(): number {
    return this.#repaired.size;
  }

  waits(operation: Operation, now: number): boolean {
    return this.#repaired.waits(operation, now);
  }

  /** When it is put right again, in milliseconds of performance.now(); null where nobody is suspected. */
  dueOf(operation: Operation): number | null {
    return this.#repaired.get(operation)?.due ?? null;
  }

  /** A look found that these are to be put right. Returns those of them for which somebody comes to be suspected. */
  findContested(drift: readonly Operation[], table: ObservedTable): Operation[] {
    if (drift.length === 0 && this.#repaired.size === 0) return [];
    const now = performance.now();
    const suspected = drift.filter((operation) => this.#note(operation, stateOf(operation, table), now));
    for (const { operation, seen } of [...this.#repaired.values()]) {
      if (now - seen > calm) this.#repaired.delete(operation);
    }
    return suspected;
  }

  #note(operation: Operation, state: string, now: number): boolean {
    const before = this.#repaired.get(operation);
    if (before?.state !== state || before.operation.type !== operation.type) {
      this.#repaired.set({ operation, state, times: 1, due: now, seen: now });
      return false;
    }
    if (now < before.due) {
      this.#repaired.set({ ...before, seen: now });
      return false;
    }
    const times = before.times + 1;
    const due = times > unsuspected ? now + pauseAfter(times - unsuspected, this.#firstPause) : now;
    this.#repaired.set({ operation, state, times, due, seen: now });
    return times === unsuspected + 1;
  }
}

/** As text, without what is counted. */
function stateOf(operation: Operation, table: ObservedTable): string {
  const entry = table.get(serviceKey(operation.service));
  if (!('destination' in operation)) return JSON.stringify(entry?.service ?? null);
  const found = entry?.destinations.get(destinationKey(operation.destination));
  if (found === undefined) return 'null';
  const { forward, weight, upperThreshold, lowerThreshold, tunnel } = found;
  return JSON.stringify([forward, weight, upperThreshold, lowerThreshold, tunnel]);
}
