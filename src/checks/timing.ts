/** When a check runs: once soon, and then at a fixed cadence. */

import type { Check } from '../probes/probe.js';

/** Times are in milliseconds of the clock that all threads share. */
export interface Timing {
  /** When it runs for the first time. */
  readonly first: number;
  /** From then on it runs at this time and at every whole number of intervals from it. */
  readonly origin: number;
}

/** Milliseconds that a check and its further ones can take, by their timeouts. */
export function longestRun({ checkTimeout, negotiateTimeout, checkcount, further }: Check): number {
  return (1 + (further?.length ?? 0)) * (checkTimeout + negotiateTimeout) * checkcount;
}

/** First checks follow each other this closely, in milliseconds, so that a start decides soon and opens no flood. */
export const firstCheckSpacing = 2;

/** Of `count` checks that begin together, the one with a number from 0: all are spread evenly over their interval. */
export function spread(now: number, interval: number, index: number, count: number): Timing {
  const origin = now + (index / count) * interval;
  return { first: soonest(now, interval, index, origin), origin };
}

/** A time soon, for the check with a number from 0, at the latest the next on its cadence. */
export function soonest(now: number, interval: number, index: number, origin: number): number {
  return Math.min(now + index * firstCheckSpacing, nextTurn(origin, interval, now));
}

/** The next time on the cadence. */
export function nextTurn(origin: number, interval: number, now: number): number {
  return origin + Math.ceil((now - origin) / interval) * interval;
}
