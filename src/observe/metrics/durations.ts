/** Durations counted for ever, in the buckets of a Prometheus histogram. */

import type { Spread } from '../../events/checking.js';
import { type Described, type Exposition, withLabel } from './exposition.js';

/**
 * Milliseconds: from one to half a minute in doublings, which are bounds of the spreads in events, too, so that
 * nothing is counted in a bucket that it does not belong to.
 */
const bounds: readonly number[] = Array.from({ length: 16 }, (_, doubling) => 2 ** doubling);

export class Durations {
  /** By bound; the last one is for what is longer than all. */
  readonly #counts: number[] = new Array(bounds.length + 1).fill(0);
  #total = 0;

  /** One duration in milliseconds. */
  observe(duration: number): void {
    this.#count(duration, 1);
    this.#total += duration;
  }

  add({ buckets, total }: Spread): void {
    for (const [upTo, counted] of buckets) this.#count(upTo, counted);
    this.#total += total;
  }

  write(to: Exposition, { name }: Described, labels = ''): void {
    let seen = 0;
    for (const [at, bound] of bounds.entries()) {
      seen += this.#counts[at] ?? 0;
      to.sample(`${name}_bucket`, withLabel(labels, 'le', String(bound / 1000)), seen);
    }
    seen += this.#counts[bounds.length] ?? 0;
    to.sample(`${name}_bucket`, withLabel(labels, 'le', '+Inf'), seen);
    to.sample(`${name}_sum`, labels, this.#total / 1000);
    to.sample(`${name}_count`, labels, seen);
  }

  #count(duration: number, times: number): void {
    const found = bounds.findIndex((bound) => duration <= bound);
    const at = found === -1 ? bounds.length : found;
    this.#counts[at] = (this.#counts[at] ?? 0) + times;
  }
}
