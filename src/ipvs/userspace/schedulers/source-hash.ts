/**
 * sh: by the client's address, so that a client keeps its destination (the kernel's ip_vs_sh). Each candidate
 * in turn holds as many neighbouring buckets as its weight says; a client's hash names a bucket.
 *
 * Without sh-fallback a client whose destination takes no connections is turned away, even where others would
 * take it: this is what the kernel does.
 */

import { BUCKETS, bucketOf } from './address-hash.js';
import { available, type Candidate, type Client, type Scheduler } from './scheduler.js';

/** Of sh and mh. */
export interface HashFlags {
  /** sh-fallback, mh-fallback: instead of an unavailable destination, another one. */
  readonly fallback: boolean;
  /** sh-port, mh-port: the client's port counts too. */
  readonly port: boolean;
}

export class SourceHash<C extends Candidate> implements Scheduler<C> {
  readonly #flags: HashFlags;
  #buckets: readonly C[] = [];

  constructor(flags: HashFlags) {
    this.#flags = flags;
  }

  update(candidates: readonly C[]): void {
    this.#buckets = fill(candidates);
  }

  choose(client: Client): C | null {
    const first = bucketOf(client.address, this.#flags.port ? client.port : 0);
    const wanted = this.#buckets[first];
    if (!wanted) return null;
    if (available(wanted)) return wanted;
    return this.#flags.fallback ? this.#instead(first) : null;
  }

  /** From the client's own bucket on as many buckets further as its number says, so that neighbours spread. */
  #instead(first: number): C | null {
    for (let step = 0; step < BUCKETS; step++) {
      const candidate = this.#buckets[(first + ((first + step) % BUCKETS)) % BUCKETS];
      if (candidate && available(candidate)) return candidate;
    }
    return null;
  }
}

/** As in the kernel a weight of 0 still holds one bucket: a quiescent destination's clients do not move to others. */
function fill<C extends Candidate>(candidates: readonly C[]): C[] {
  const buckets: C[] = [];
  while (candidates.length > 0 && buckets.length < BUCKETS) {
    for (const candidate of candidates) {
      const end = Math.min(buckets.length + Math.max(candidate.weight, 1), BUCKETS);
      while (buckets.length < end) buckets.push(candidate);
    }
  }
  return buckets;
}
