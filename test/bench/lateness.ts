/** How far checks are from a schedule, judged by when they arrive at the servers. */

import { quantile } from './statistics.js';

/** When each server was asked, in milliseconds and in order, by its address. */
export type Arrivals = ReadonlyMap<string, readonly number[]>;

export interface Lateness {
  /** Milliseconds behind the server's own cadence. */
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  /** Slots in which a server was not asked. */
  readonly skipped: number;
  /** Checks that arrived. */
  readonly checks: number;
}

/** Of an interval: who is never again less late than the rest of it has lost a slot, not time. */
const tolerance = 0.25;

/**
 * Every server has a cadence of its own: the earliest line of slots, an interval (milliseconds) apart, that no
 * arrival is ahead of. How far behind it an arrival is, is its lateness: what a checker loses from one check to the
 * next adds up, as it does for who relies on the interval. Whether a check was late or a slot was left out, the
 * checks after it tell: those after a late one are on time again.
 */
export function latenessOf(arrivals: Arrivals, interval: number): Lateness {
  const late: number[] = [];
  let skipped = 0;
  for (const times of arrivals.values()) {
    const offsets = times.map((time, index) => time - index * interval);
    const best = bestFromHereOn(offsets);
    const lost = best.map((offset) => Math.floor((offset - (best[0] ?? 0)) / interval + tolerance));
    const behind = offsets.map((offset, index) => offset - (lost[index] ?? 0) * interval);
    const cadence = behind.reduce((least, offset) => Math.min(least, offset), Number.POSITIVE_INFINITY);
    for (const offset of behind) late.push(offset - cadence);
    skipped += lost.at(-1) ?? 0;
  }
  return {
    p50: quantile(late, 0.5),
    p99: quantile(late, 0.99),
    worst: quantile(late, 1),
    skipped,
    checks: late.length,
  };
}

/** The least of each value and all that follow it. */
function bestFromHereOn(values: readonly number[]): number[] {
  let least = Number.POSITIVE_INFINITY;
  return values
    .toReversed()
    .map((value) => {
      least = Math.min(least, value);
      return least;
    })
    .reverse();
}

/** Checks per second of all servers together, each by its own times: whole rounds, wherever the window began. */
export function rateOf(arrivals: Arrivals): number {
  let rate = 0;
  for (const times of arrivals.values()) {
    const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
    if (span > 0) rate += ((times.length - 1) * 1000) / span;
  }
  return rate;
}

const recordBytes = 16;

/** Reads what `native/arrivals.c` has written. */
export function readArrivals(bytes: Buffer): Map<string, number[]> {
  const arrivals = new Map<string, number[]>();
  for (let at = 0; at + recordBytes <= bytes.length; at += recordBytes) {
    const address = bytes.subarray(at + 8, at + 12).join('.');
    const time = Number(bytes.readBigUInt64LE(at)) / 1e6;
    const times = arrivals.get(address);
    if (times) times.push(time);
    else arrivals.set(address, [time]);
  }
  return arrivals;
}
