/**
 * fo and ovf: whoever has the greatest weight gets everything. With fo (ip_vs_fo) until it is not there any more, with
 * ovf (ip_vs_ovf) until it has more active connections than its weight says. Among equals it is the first.
 */

import { available, type Candidate, type Scheduler } from './scheduler.js';

export class GreatestWeight<C extends Candidate> implements Scheduler<C> {
  readonly #overflows: boolean;
  #candidates: readonly C[] = [];

  constructor(overflows: boolean) {
    this.#overflows = overflows;
  }

  update(candidates: readonly C[]): void {
    this.#candidates = candidates;
  }

  choose(): C | null {
    let greatest: C | null = null;
    for (const candidate of this.#candidates) {
      if (!available(candidate)) continue;
      if (this.#overflows && candidate.activeConnections > candidate.weight) continue;
      if (greatest === null || candidate.weight > greatest.weight) greatest = candidate;
    }
    return greatest;
  }
}
