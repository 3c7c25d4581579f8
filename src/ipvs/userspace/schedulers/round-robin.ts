/** rr: each candidate in turn, whatever its weight above 0 (the kernel's ip_vs_rr). */

import { available, type Candidate, type Scheduler } from './scheduler.js';

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

/**
 * Where the rotation stands in a new list: at the last chosen candidate, or, where that one is gone, at the nearest
 * one before it that is still there (ip_vs_rr_del_dest); -1 is before the first.
 */
function resume<C>(before: readonly C[], position: number, after: readonly C[]): number {
  const places = new Map(after.map((candidate, index) => [candidate, index]));
  for (let index = position; index >= 0; index--) {
    const candidate = before[index];
    const place = candidate && places.get(candidate);
    if (place !== undefined) return place;
  }
  return -1;
}
