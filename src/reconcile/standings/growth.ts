/**
 * Servers that come back get their weight little by little: `slowstart`. A cold cache, or a pool of connections that is
 * empty, meets few clients first; and a scheduler that counts connections would send it all of them.
 */

import type { Virtual } from '../../model/config.js';
import type { InForce } from '../../model/override.js';
import { earlier } from '../../model/override.js';
import type { PoolBefore } from './minimum.js';
import { isServing, type Standing, standMoving } from './standing.js';
import { factorsOf, type Growth, growthAt, nextStep } from './weight.js';

export interface Grown {
  readonly standings: readonly Standing[];
  /** When one of them has another weight, in milliseconds since 1970; null where none grows. */
  readonly nextChange: number | null;
}

/**
 * `now` in milliseconds since 1970. A server grows that was not in use before, or is new, in a pool that has been
 * settled: not at the start of the program, nor where all servers are new. None does where there is no other to take
 * what it does not.
 */
export function growServers(
  { slowstart, realServers }: Virtual,
  standings: readonly Standing[],
  before: PoolBefore | null,
  inForce: InForce,
  now: number,
): Grown {
  const growths = standings.map((standing, index) => {
    const earlierOne = before?.of(index);
    if (!isServing(standing)) return null;
    if (earlierOne !== undefined && isServing(earlierOne)) {
      return earlierOne.growth && growthAt(earlierOne.growth.since, slowstart, now);
    }
    return before?.isSettled ? growthAt(now, slowstart, now) : null;
  });
  const others = standings.some((standing, index) => {
    const earlierOne = before?.of(index);
    return isServing(standing) && earlierOne !== undefined && isServing(earlierOne);
  });
  let nextChange: number | null = null;
  const grown = standings.map((standing, index) => {
    const growth = growths[index] ?? null;
    const real = realServers[index];
    const begins = growth !== null && !before?.of(index)?.growth;
    if (growth === null || real === undefined || (begins && !others)) return standing;
    const factors: ReturnType<typeof factorsOf> & { readonly growth: Growth } = {
      ...factorsOf(real, inForce),
      growth,
    };
    nextChange = earlier(nextChange, nextStep(factors));
    return standMoving(standing, factors);
  });
  return nextChange === null ? { standings, nextChange } : { standings: grown, nextChange };
}
