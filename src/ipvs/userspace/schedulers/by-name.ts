/** The schedulers that this balancer has, by the kernel's names. */

import { DestinationHash } from './destination-hash.js';
import { GreatestWeight } from './greatest-weight.js';
import { LeastConnection } from './least-connection.js';
import { Locality } from './locality.js';
import { LocalityWithReplication } from './locality-with-replication.js';
import { MaglevHash } from './maglev-hash.js';
import { RoundRobin } from './round-robin.js';
import type { Candidate, Scheduler } from './scheduler.js';
import { ShortestDelay } from './shortest-delay.js';
import { type HashFlags, SourceHash } from './source-hash.js';
import { TwoChoices } from './two-choices.js';
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
    case 'fo':
      return new GreatestWeight<C>(false);
    case 'ovf':
      return new GreatestWeight<C>(true);
    case 'lblc':
      return new Locality<C>();
    case 'lblcr':
      return new LocalityWithReplication<C>();
    case 'dh':
      return new DestinationHash<C>();
    case 'sh':
    case 'mh':
      return name === 'sh' ? new SourceHash<C>(hashFlags(name, flags)) : new MaglevHash<C>(hashFlags(name, flags));
    case 'sed':
      return new ShortestDelay<C>(false);
    case 'nq':
      return new ShortestDelay<C>(true);
    case 'twos':
      return new TwoChoices<C>();
    default:
      return null;
  }
}

/** A flag can be called by its number, too. */
function hashFlags(name: string, flags: readonly string[]): HashFlags {
  const has = (...names: readonly string[]) => names.some((flag) => flags.includes(flag));
  return { fallback: has(`${name}-fallback`, 'flag-1'), port: has(`${name}-port`, 'flag-2') };
}
