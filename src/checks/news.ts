/** Which results are worth telling: of a server that stays as it is, the thousandth success says nothing new. */

import type { Answer } from '../probes/probe.js';

/** What is wanted of a check's results. */
export interface Interest {
  /** The most failures in a row that any server which the check decides about is granted. */
  readonly failurecount: number;
  /** Whether every result is wanted. */
  readonly every: boolean;
}

export interface Told {
  /** Failures in a row, and up to how many of them were told. */
  readonly failures: number;
  /** The reason that was told last. */
  readonly reason: string;
  /** When, in milliseconds. */
  readonly at: number;
  /** Why there was no verdict the last time; null where there was one. */
  readonly hindrance: string | null;
}

/** Of servers that are well nothing else is to be remembered. */
const well: Told = { failures: 0, reason: '', at: 0, hindrance: null };

/** Milliseconds until another reason of a server that stays down is told: some servers never say the same twice. */
const reasonPause = 10_000;

/**
 * What to remember of a result, and whether it is to be told: the first one, a success after failures, failures as
 * long as they count, and a new reason of a failure; that there is no verdict, and the first verdict after that.
 */
export function weigh(
  before: Told | null,
  { ok, reason }: Answer,
  { failurecount, every }: Interest,
  now: number,
): { readonly told: Told; readonly isNews: boolean } {
  if (ok) return { told: well, isNews: every || before === null || before.failures > 0 || before.hindrance !== null };
  if (ok === null) return withoutVerdict(before, reason, now);
  const failures = (before?.failures ?? 0) + 1;
  const changed = before === null || failures <= failurecount || before.hindrance !== null;
  const otherReason = before !== null && reason !== before.reason && now - before.at >= reasonPause;
  if (every || changed || otherReason) return { told: { failures, reason, at: now, hindrance: null }, isNews: true };
  return { told: { failures, reason: before.reason, at: before.at, hindrance: null }, isNews: false };
}

/** What counts of the verdicts before it counts on. */
function withoutVerdict(before: Told | null, reason: string, now: number): { told: Told; isNews: boolean } {
  const { failures, reason: failure, at, hindrance } = before ?? well;
  const isNews = hindrance === null || (reason !== hindrance && now - at >= reasonPause);
  return isNews
    ? { told: { failures, reason: failure, at: now, hindrance: reason }, isNews }
    : { told: { failures, reason: failure, at, hindrance }, isNews };
}
