/** lc and wlc: who has the least to do, as such (ip_vs_lc) or in proportion to its weight (ip_vs_wlc). */

import { available, type Candidate, type Scheduler } from './scheduler.js';

/** The kernel's estimate: an active connection costs as much as 256 inactive ones. */
const ACTIVE_COST = 256;

export class LeastConnection<C extends Candidate> implements Scheduler<C> {
  readonly #weighted: boolean;
  #candidates: readonly C[] = [];

  constructor(weighted: boolean) {
    this.#weighted = weighted;
  }

  update(candidates: readonly C[]): void {
    this.#candidates = candidates;
  }

  choose(): C | null {
    let least: C | null = null;
    for (const candidate of this.#candidates) {
      if (available(candidate) && (least === null || this.#lessLoaded(candidate, least))) least = candidate;
    }
    return least;
  }

  /** Multiplied across instead of divided, so that equal loads compare equal: the first in the list keeps a tie. */
  #lessLoaded(a: C, b: C): boolean {
    return this.#weighted ? overhead(a) * b.weight < overhead(b) * a.weight : overhead(a) < overhead(b);
  }
}

function overhead(candidate: Candidate): number {
  return candidate.activeConnections * ACTIVE_COST + candidate.inactiveConnections;
}
