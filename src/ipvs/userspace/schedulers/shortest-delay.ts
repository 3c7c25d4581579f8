/**
 * sed and nq: where a connection is expected to be served soonest, the new one counted with those that are active
 * (ip_vs_sed). With nq (ip_vs_nq) the first that has none comes before all others. Among equals it is the first.
 */

import { available, type Candidate, type Scheduler } from './scheduler.js';

export class ShortestDelay<C extends Candidate> implements Scheduler<C> {
  readonly #neverQueues: boolean;
  #candidates: readonly C[] = [];

  constructor(neverQueues: boolean) {
    this.#neverQueues = neverQueues;
  }

  update(candidates: readonly C[]): void {
    this.#candidates = candidates;
  }

  choose(): C | null {
    let soonest: C | null = null;
    for (const candidate of this.#candidates) {
      if (!available(candidate)) continue;
      if (this.#neverQueues && candidate.activeConnections === 0) return candidate;
      if (soonest === null || isSooner(candidate, soonest)) soonest = candidate;
    }
    return soonest;
  }
}

/** Multiplied across instead of divided, so that equal delays compare equal. */
function isSooner(a: Candidate, b: Candidate): boolean {
  return (a.activeConnections + 1) * b.weight < (b.activeConnections + 1) * a.weight;
}
