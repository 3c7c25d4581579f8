/**
 * wrr: in turn, in proportion to weight, and interleaved (the kernel's ip_vs_wrr). The list is passed through
 * again and again under a threshold that sinks from the greatest weight by the greatest common divisor of all;
 * each pass chooses those whose weight reaches the threshold.
 */

import { available, type Candidate, resume, type Scheduler } from './scheduler.js';

export class WeightedRoundRobin<C extends Candidate> implements Scheduler<C> {
  #candidates: readonly C[] = [];
  #position = -1;
  #threshold = 0;
  /** Where the threshold starts: the greatest multiple of the divisor, less all of the divisor but one. */
  #highest = 0;
  #divisor = 1;

  update(candidates: readonly C[]): void {
    this.#position = resume(this.#candidates, this.#position, candidates);
    this.#candidates = candidates;
    this.#divisor = candidates.reduce((divisor, { weight }) => greatestCommonDivisor(divisor, weight), 0) || 1;
    this.#highest = this.#reachable(candidates.reduce((greatest, { weight }) => Math.max(greatest, weight), 0));
    this.#threshold =
      this.#threshold <= 0 || this.#threshold > this.#highest ? this.#highest : this.#reachable(this.#threshold);
  }

  choose(): C | null {
    const greatest = this.#candidates.reduce((most, one) => (available(one) ? Math.max(most, one.weight) : most), 0);
    if (greatest === 0) return null;
    const found = this.#seek();
    if (found) return found;
    // The kernel lowers the threshold step by step. Passes that would find nobody are left out here, since
    // between weights of 65,535 and 1 there may be 65,534 of them; what is chosen is the same.
    const next = this.#threshold - this.#divisor;
    this.#threshold = Math.min(next > 0 ? next : this.#highest, this.#reachable(greatest));
    this.#position = -1;
    return this.#seek();
  }

  /** The next candidate of this pass. */
  #seek(): C | null {
    for (let position = this.#position + 1; position < this.#candidates.length; position++) {
      const candidate = this.#candidates[position];
      if (candidate && available(candidate) && candidate.weight >= this.#threshold) {
        this.#position = position;
        return candidate;
      }
    }
    return null;
  }

  /** The threshold, among those that a round goes through, at which a weight is first chosen. */
  #reachable(weight: number): number {
    return weight === 0 ? 0 : Math.floor((weight - 1) / this.#divisor) * this.#divisor + 1;
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
