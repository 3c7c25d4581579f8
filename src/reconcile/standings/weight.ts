/** What the weight of a server in use is made of, and how it grows once the server has come back. */

import type { RealServer } from '../../model/config.js';
import { type InForce, type WeightBase, weightInForce } from '../../model/override.js';

/** What a kernel of today takes is more, and no file can say more. */
const largestWeight = 65_535;
/** The share of its weight that a server begins with is one in so many. */
const firstShare = 10;

/** A server that has come back and does not have its whole weight yet. */
export interface Growth {
  /** When it came back, in milliseconds since 1970. */
  readonly since: number;
  /** Full seconds of the clock that began since, from 0 to less than `over`. */
  readonly seconds: number;
  /** Seconds from a tenth to the whole. */
  readonly over: number;
}

export interface Factors extends WeightBase {
  /** Null where it does not grow. */
  readonly growth: Growth | null;
}

export function factorsOf(real: RealServer, inForce: InForce, growth: Growth | null = null): Factors {
  return { ...weightInForce(real, inForce), growth };
}

/** Rounded up, so that a server that is to serve does: 0 only where a factor is. */
export function weightOf({ base, share, growth }: Factors): number {
  const [grown, whole] = growth === null ? [1, 1] : portionOf(growth);
  // Whole numbers up to the one division, which is exact where the result is whole.
  return Math.min(largestWeight, Math.ceil((base * share * grown) / (100 * whole)));
}

/** How much of its weight it has, in percent. */
export function grownPercent(growth: Growth): number {
  const [grown, whole] = portionOf(growth);
  return Math.floor((100 * grown) / whole);
}

/**
 * The growth `now`, in milliseconds since 1970; null where it is over. It goes on at full seconds of the clock, so that
 * however many servers grow, there is one change of the table in a second. A clock that was set back begins anew.
 */
export function growthAt(since: number, over: number, now: number): Growth | null {
  const from = Math.min(since, now);
  const seconds = secondOf(now) - secondOf(from);
  return seconds >= over ? null : { since: from, seconds, over };
}

/** When its weight is another one, in milliseconds since 1970. */
export function nextStep(factors: Factors & { readonly growth: Growth }): number {
  const { since, seconds, over } = factors.growth;
  const weight = weightOf(factors);
  let next = seconds + 1;
  while (next < over && weightOf({ ...factors, growth: { since, seconds: next, over } }) === weight) next += 1;
  return (secondOf(since) + next) * 1000;
}

/** The weight of one that grows at a later moment, in milliseconds since 1970. */
export function weightAt(now: number, factors: Factors & { readonly growth: Growth }): number {
  const { since, over } = factors.growth;
  return weightOf({ ...factors, growth: growthAt(since, over, now) });
}

/** From a tenth of it to all of it, in a straight line, as a fraction of whole numbers. */
function portionOf({ seconds, over }: Growth): readonly [grown: number, whole: number] {
  return [over + (firstShare - 1) * seconds, firstShare * over];
}

function secondOf(time: number): number {
  return Math.floor(time / 1000);
}
