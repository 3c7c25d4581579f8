/** lc and wlc: who has the least to do, as such (ip_vs_lc) or in proportion to its weight (ip_vs_wlc). */

import { Load } from './load.js';
import type { Arrival, Candidate, Client, Scheduler } from './scheduler.js';

export class LeastConnection<C extends Candidate> implements Scheduler<C> {
  readonly #load: Load<C>;

  constructor(weighted: boolean) {
    this.#load = new Load(weighted);
  }

  update(candidates: readonly C[]): void {
    this.#load.update(candidates);
  }

  choose(_client: Client, { now }: Arrival): C | null {
    this.#load.advance(now);
    const least = this.#load.least();
    return least && this.#load.begin(least);
  }
}
