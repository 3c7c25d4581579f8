/**
 * wrr: in turn, in proportion to weight, and interleaved (the kernel's ip_vs_wrr). The list is passed through
 * again and again under a threshold that sinks from the greatest weight by the greatest common divisor of all;
 * each pass chooses those whose weight reaches the threshold.
 */

import { greatestCommonDivisor } from './divisor.js';
import { available, type Candidate, type Scheduler } from './scheduler.js';

export class WeightedRoundRobin<C extends Candidate> implements Scheduler<C> {
  /** Null until the first list. */
  #candidates: readonly C[] | null = null;
  #position = -1;
  #threshold = 0;
  /** Where the threshold starts: the greatest weight, less all of the divisor but one, so that it ends with 1. */
  #highest = 0;
  #divisor = 1;

  /**
   * As ip_vs_wrr_dest_changed: any change begins with the first of the list again, under the threshold that was
   * reached. A threshold of 1, with which a list that was empty begins, is the last pass of a round.
   */
  update(candidates: readonly C[]): void {
    const begins = this.#candidates === null;
    const grows = !begins && this.#threshold === 0;
    this.#candidates = candidates;
    this.#position = -1;
    const greatest = candidates.reduce((most, { weight }) => Math.max(most, weight), 0);
    this.#divisor = candidates.reduce((divisor, { weight }) => greatestCommonDivisor(divisor, weight), 0) || 1;
    this.#highest = greatest - (this.#divisor - 1);
    if (begins) this.#threshold = this.#highest;
    // Where several come into an empty list before anybody is chosen, the first of them has set it to 1.
    else if (grows) this.#threshold = Math.min(this.#highest, 1);
    else if (this.#threshold > this.#highest) this.#threshold = this.#highest;
    else this.#threshold = this.#divisor > 1 ? this.#reached(this.#threshold) : this.#threshold;
  }

  choose(): C | null {
    const candidates = this.#candidates ?? [];
    const found = this.#seek(candidates);
    if (found) return found;
    const greatest = candidates.reduce((most, one) => (available(one) ? Math.max(most, one.weight) : most), 0);
    if (greatest === 0) {
      this.#giveUp();
      return null;
    }
    // The kernel lowers the threshold step by step. Passes that would find nobody are left out here, since
    // between weights of 65,535 and 1 there may be 65,534 of them; what is chosen is the same.
    const next = this.#threshold - this.#divisor;
    this.#threshold = Math.min(next > 0 ? next : this.#highest, this.#reachable(greatest));
    this.#position = -1;
    return this.#seek(candidates);
  }

  /** The next candidate of this pass. */
  #seek(candidates: readonly C[]): C | null {
    for (let position = this.#position + 1; position < candidates.length; position++) {
      const candidate = candidates[position];
      if (candidate && available(candidate) && candidate.weight >= this.#threshold) {
        this.#position = position;
        return candidate;
      }
    }
    return null;
  }

  /** Nobody is available: the kernel has looked through a whole round, which ends where the next one begins. */
  #giveUp(): void {
    if (this.#highest === 0) return;
    // In the middle of the last pass the round ends where it stood (`stop` in ip_vs_wrr_schedule).
    if (this.#position !== -1 && this.#threshold <= this.#divisor) return;
    this.#position = -1;
    this.#threshold = this.#highest;
  }

  /** The threshold, among those that a round goes through, at which a weight is first chosen. */
  #reachable(weight: number): number {
    return Math.floor((weight - 1) / this.#divisor) * this.#divisor + 1;
  }

  /** What becomes of a threshold under another divisor. */
  #reached(threshold: number): number {
    return Math.floor(threshold / this.#divisor) * this.#divisor + 1;
  }
}
