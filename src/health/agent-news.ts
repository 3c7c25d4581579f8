/** What of an agent's answers is to be told: as of checks in policy.ts, and by the same memory. */

import type { ProbeAnswer } from '../probes/probe.js';
import { type Policy, reasonPause, type Told } from './policy.js';

/**
 * Whether an answer is to be told: other words at once, another reason among them now and then, since a load can be part
 * of it; that there is no answer or none could be asked for, once; and the first answer after that.
 */
export function isNews(
  before: Told | null,
  { ok, reason }: ProbeAnswer,
  streak: number,
  _policy: Policy,
  now: number,
): boolean {
  if (before === null) return true;
  if (ok === null) return before.hindrance === null;
  if (before.hindrance !== null || Math.abs(streak) === 1) return true;
  if (!ok || reason === before.reason) return false;
  return wordsOf(reason) !== wordsOf(before.reason) || now - before.at >= reasonPause;
}

export function remember(before: Told | null, { ok, reason }: ProbeAnswer, isTold: boolean, now: number): Told {
  if (before !== null && !isTold) return before;
  return { reason, at: now, hindrance: ok === null ? reason : null };
}

function wordsOf(said: string): string {
  return said.split('#', 1)[0] ?? '';
}
