/** What the checks came to, without a word about any single one. */

import type { ProbeResult } from '../probes/probe.js';
import { addTo, count, type Histogram, listFilled, newHistogram, percentile } from './histogram.js';

export interface Sums {
  /** Checks that began. */
  started: number;
  ok: number;
  failed: number;
  /** Those that ended without a verdict; how long they took is not counted. */
  withoutVerdict: number;
  /** Slots that were left out, since the check of an earlier one was still under way or waiting. */
  skipped: number;
  /** Under way now, and due but waiting for a place. */
  running: number;
  waiting: number;
  /** How long after they were due checks began, and how long they took. */
  readonly lateness: Histogram;
  readonly duration: Histogram;
  /** Milliseconds of all of these together. */
  late: number;
  took: number;
}

export function newSums(): Sums {
  return {
    started: 0,
    ok: 0,
    failed: 0,
    withoutVerdict: 0,
    skipped: 0,
    running: 0,
    waiting: 0,
    lateness: newHistogram(),
    duration: newHistogram(),
    late: 0,
    took: 0,
  };
}

/** Counts a check that begins, `late` milliseconds after it was due. */
export function takeStart(sums: Sums, late: number): void {
  sums.started += 1;
  count(sums.lateness, late);
  sums.late += Math.max(0, late);
}

export function takeResult(sums: Sums, { ok, duration }: ProbeResult): void {
  if (ok === null) {
    sums.withoutVerdict += 1;
    return;
  }
  if (ok) sums.ok += 1;
  else sums.failed += 1;
  count(sums.duration, duration);
  sums.took += duration;
}

/** Adds what another worker's checks came to; what is under way is no sum over time. */
export function addSums(sums: Sums, other: Sums): void {
  sums.started += other.started;
  sums.ok += other.ok;
  sums.failed += other.failed;
  sums.withoutVerdict += other.withoutVerdict;
  sums.skipped += other.skipped;
  addTo(sums.lateness, other.lateness);
  addTo(sums.duration, other.duration);
  sums.late += other.late;
  sums.took += other.took;
}

/** In words of one number each; how late, and how long, in milliseconds. */
export function summary({ lateness, duration, late, took, ...counts }: Sums) {
  return { ...counts, lateness: percentiles(lateness), duration: percentiles(duration) };
}

/** For those who add sums up over time: how many were how late, and took how long. */
export function spreads({ lateness, duration, late, took }: Sums) {
  return {
    lateness: { buckets: listFilled(lateness), total: late },
    duration: { buckets: listFilled(duration), total: took },
  };
}

function percentiles(histogram: Histogram) {
  const at = (share: number): number => Number(percentile(histogram, share).toPrecision(3));
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
