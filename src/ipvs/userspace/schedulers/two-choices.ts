/**
 * twos: two candidates by lot, each in proportion to its weight, and of the two the one with less to do for its weight (the
 * kernel's ip_vs_twos). Both lots may fall on one.
 */

import { Load } from './load.js';
import { type Arrival, available, type Candidate, type Client, type Scheduler } from './scheduler.js';

/** A whole number from 0 on and below this one, by lot. */
export type Lot = (below: number) => number;

export class TwoChoices<C extends Candidate> implements Scheduler<C> {
  readonly #lot: Lot;
  readonly #load = new Load<C>(true);
  #candidates: readonly C[] = [];

  constructor(lot: Lot = (below) => Math.floor(Math.random() * below)) {
    this.#lot = lot;
  }

  update(candidates: readonly C[]): void {
    this.#load.update(candidates);
    this.#candidates = candidates;
  }

  choose(_client: Client, { now }: Arrival): C | null {
    this.#load.advance(now);
    const total = this.#candidates.reduce((sum, one) => (available(one) ? sum + one.weight : sum), 0);
    if (total === 0) return null;
    // As the kernel draws them, of one more than there are: 0 is the first one's as well.
    const [first, second] = [this.#lot(total + 1), this.#lot(total + 1)];
    const drawn = [this.#at(first), this.#at(second)].filter((one) => one !== null);
    const least = this.#load.leastOf(drawn);
    return least && this.#load.begin(least);
  }

  /** Whose part of all weights, one after another, this one falls into. */
  #at(lot: number): C | null {
    let left = lot;
    for (const candidate of this.#candidates) {
      if (!available(candidate)) continue;
      left -= candidate.weight;
      if (left <= 0) return candidate;
    }
    return null;
  }
}
