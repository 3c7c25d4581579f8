/**
 * Servers that come back get their weight little by little: `slowstart`. A cold cache, or a pool of connections that is
 * empty, meets few clients first; and a scheduler that counts connections would send it all of them.
 */

import type { Virtual } from '../../model/config.js';
import { earlier, type InForce } from '../../model/override.js';
import type { PoolBefore } from './minimum.js';
import { isServing, type Standing, standMoving } from './standing.js';
import { factorsOf, growthAt, nextStep } from './weight.js';

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
  const stood = standings.map((_, index) => before?.of(index));
  const goesOn = standings.map((standing, index) => isServing(standing) && wasServing(stood[index]));
  const others = goesOn.includes(true);
  let nextChange: number | null = null;
  const grown = standings.map((standing, index) => {
    const real = realServers[index];
    const begins = others && !goesOn[index] && before?.isSettled === true;
    const since = begins ? now : stood[index]?.growth?.since;
    if (real === undefined || since === undefined || !isServing(standing)) return standing;
    const growth = growthAt(since, slowstart, now);
    if (growth === null) return standing;
    const factors = { ...factorsOf(real, inForce), growth };
    nextChange = earlier(nextChange, nextStep(factors));
    return standMoving(standing, factors);
  });
  return nextChange === null ? { standings, nextChange } : { standings: grown, nextChange };
}

function wasServing(standing: Standing | undefined): boolean {
  return standing !== undefined && isServing(standing);
}
