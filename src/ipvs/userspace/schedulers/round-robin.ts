/** rr: each candidate in turn, whatever its weight above 0 (the kernel's ip_vs_rr). */

import { available, type Candidate, resume, type Scheduler } from './scheduler.js';

export class RoundRobin<C extends Candidate> implements Scheduler<C> {
  #candidates: readonly C[] = [];
  #position = -1;

  update(candidates: readonly C[]): void {
    this.#position = resume(this.#candidates, this.#position, candidates);
    this.#candidates = candidates;
  }

  choose(): C | null {
    const count = this.#candidates.length;
    for (let step = 1; step <= count; step++) {
      const position = (this.#position + step) % count;
      const candidate = this.#candidates[position];
      if (candidate && available(candidate)) {
        this.#position = position;
        return candidate;
      }
    }
    return null;
  }
}
