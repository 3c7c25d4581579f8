/** lc and wlc: who has the least to do, as such (ip_vs_lc) or in proportion to its weight (ip_vs_wlc). */

import { available, type Candidate, resume, type Scheduler } from './scheduler.js';

/** The kernel's estimate: an active connection costs as much as 256 inactive ones. */
const ACTIVE_COST = 256;

/**
 * Among equals it is the turn of the one after the last chosen. In the kernel, where the first in the list keeps a
 * tie, connections that have ended count for two minutes more and break it; here they are forgotten at once, and
 * while there is little to do the first would get everything.
 */
export class LeastConnection<C extends Candidate> implements Scheduler<C> {
  readonly #weighted: boolean;
  #candidates: readonly C[] = [];
  #position = -1;

  constructor(weighted: boolean) {
    this.#weighted = weighted;
  }

  update(candidates: readonly C[]): void {
    this.#position = resume(this.#candidates, this.#position, candidates);
    this.#candidates = candidates;
  }

  choose(): C | null {
    const count = this.#candidates.length;
    const before = this.#position;
    let least: C | null = null;
    for (let step = 1; step <= count; step++) {
      const position = (before + step) % count;
      const candidate = this.#candidates[position];
      if (!candidate || !available(candidate)) continue;
      if (least !== null && !this.#lessLoaded(candidate, least)) continue;
      least = candidate;
      this.#position = position;
    }
    return least;
  }

  /** Multiplied across instead of divided, so that equal loads compare equal. */
  #lessLoaded(a: C, b: C): boolean {
    return this.#weighted ? overhead(a) * b.weight < overhead(b) * a.weight : overhead(a) < overhead(b);
  }
}

function overhead(candidate: Candidate): number {
  return candidate.activeConnections * ACTIVE_COST + candidate.inactiveConnections;
}
