/** The schedulers that this balancer has, by the kernel's names. */

import { LeastConnection } from './least-connection.js';
import { RoundRobin } from './round-robin.js';
import type { Candidate, Scheduler } from './scheduler.js';
import { SourceHash } from './source-hash.js';
import { WeightedRoundRobin } from './weighted-round-robin.js';

/** Null where there is no scheduler of this name. Flags of other schedulers mean nothing, as in the kernel. */
export function createScheduler<C extends Candidate>(name: string, flags: readonly string[]): Scheduler<C> | null {
  switch (name) {
    case 'rr':
      return new RoundRobin<C>();
    case 'wrr':
      return new WeightedRoundRobin<C>();
    case 'lc':
      return new LeastConnection<C>(false);
    case 'wlc':
      return new LeastConnection<C>(true);
    case 'sh':
      return new SourceHash<C>({ fallback: flags.includes('sh-fallback'), port: flags.includes('sh-port') });
    default:
      return null;
  }
}
