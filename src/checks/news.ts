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
}

/** Of servers that are well nothing else is to be remembered. */
const well: Told = { failures: 0, reason: '', at: 0 };

/** Milliseconds until another reason of a server that stays down is told: some servers never say the same twice. */
const reasonPause = 10_000;

/**
 * What to remember of a result, and whether it is to be told: the first one, a success after failures, failures as
 * long as they count, and a new reason of a failure.
 */
export function weigh(
  before: Told | null,
  { ok, reason }: Answer,
  { failurecount, every }: Interest,
  now: number,
): { readonly told: Told; readonly isNews: boolean } {
  if (ok) return { told: well, isNews: every || before === null || before.failures > 0 };
  const failures = (before?.failures ?? 0) + 1;
  const changed = before === null || failures <= failurecount;
  const otherReason = before !== null && reason !== before.reason && now - before.at >= reasonPause;
  if (every || changed || otherReason) return { told: { failures, reason, at: now }, isNews: true };
  return { told: { failures, reason: before.reason, at: before.at }, isNews: false };
}
