/**
 * dh: by the address that the client connected to (the kernel's ip_vs_dh). Each candidate in turn holds one bucket,
 * whatever its weight. It is made for caches that a proxy's clients are led to by many addresses; a service of ours has
 * one, and so one candidate gets everything.
 */

import { BUCKETS, bucketOf } from './address-hash.js';
import { type Arrival, available, type Candidate, type Client, type Scheduler } from './scheduler.js';

export class DestinationHash<C extends Candidate> implements Scheduler<C> {
  #candidates: readonly C[] = [];

  update(candidates: readonly C[]): void {
    // Those beyond the table have no bucket.
    this.#candidates = candidates.slice(0, BUCKETS);
  }

  choose(_client: Client, { address }: Arrival): C | null {
    const candidate = this.#candidates[bucketOf(address) % this.#candidates.length];
    return candidate && available(candidate) ? candidate : null;
  }
}
