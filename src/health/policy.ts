/**
 * What a server's results say about it, and which of them say something new: both from one policy, so that nothing that
 * a judgement needs is kept from it. Values in, values out: no clock, no socket.
 */

import type { StartState } from '../model/config.js';
import type { Judged, ProbeAnswer, Verdict } from '../probes/probe.js';

export interface Policy {
  /** Failures in a row that take a server out, 1 or more. */
  readonly failurecount: number;
  /** Successes in a row that bring it back, 1 or more. */
  readonly risecount: number;
  readonly startstate: StartState;
}

/** Of a virtual service, alone: it travels to the threads that check. */
export function policyOf({ failurecount, risecount, startstate }: Policy): Policy {
  return { failurecount, risecount, startstate };
}

export interface Health {
  readonly up: boolean;
  /** Whether a result decided it; until then it was read off the table or assumed. */
  readonly decided: boolean;
  /** Failures in a row, of which the last that was news is counted. */
  readonly failures: number;
  /** Successes in a row of one that is down, likewise. */
  readonly successes: number;
  /** What the last result that was news said. */
  readonly reason: string;
}

/**
 * What a result changed. `soft-failure` is a failure that did not yet take the server out, `recovered`
 * the success that ended soft failures, `rising` a success that did not yet bring it back. A first failure is `down` even where the server was assumed to be,
 * so that its reason is told.
 */
export type Transition = 'up' | 'down' | 'soft-failure' | 'recovered' | 'rising';

export interface Judgement {
  readonly health: Health;
  readonly transition: Transition | null;
}

/** A server without a result, as `startstate` says: `stands` is whether it stands in the table with a weight. */
export function startHealth({ startstate }: Pick<Policy, 'startstate'>, stands: () => boolean): Health {
  return assumeHealth(startstate === 'table' ? stands() : startstate === 'up');
}

export function assumeHealth(up: boolean): Health {
  return { up, decided: false, failures: 0, successes: 0, reason: 'not checked yet' };
}

/** A server whose agent wants its checks to rest: the first result after that decides, as of a new one. */
export const restingHealth: Health = { ...assumeHealth(false), reason: 'not checked while its agent says maint' };

/** A server that is not checked. */
export function settleHealth(up: boolean, reason: string): Health {
  return { up, decided: true, failures: 0, successes: 0, reason };
}

/**
 * Results in a row that agree, after one more: successes above 0, failures below. No verdict neither counts nor ends
 * them.
 */
export function streakAfter(before: number, ok: Verdict): number {
  if (ok === null) return before;
  return ok ? Math.max(before, 0) + 1 : Math.min(before, 0) - 1;
}

/**
 * A first result decides alone, unless `startstate` wants as many as otherwise; after that it takes `failurecount`
 * failures in a row, or `risecount` successes. No verdict changes nothing.
 */
export function judge(before: Health, { ok, reason, streak }: Judged, policy: Policy): Judgement {
  const { failurecount, risecount, startstate } = policy;
  if (ok === null) return { health: before, transition: null };
  if (ok) {
    const mustRise = !before.up && (before.decided || startstate === 'down');
    if (mustRise && streak < risecount) {
      return { health: { ...before, decided: true, failures: 0, successes: streak }, transition: 'rising' };
    }
    return {
      health: wellBy(reason),
      transition: !before.up ? 'up' : before.failures > 0 ? 'recovered' : null,
    };
  }
  const failures = -streak;
  const up = before.up && (before.decided || startstate === 'up') && failures < failurecount;
  const told = before.decided && !before.up;
  const transition = told ? null : up ? 'soft-failure' : 'down';
  return { health: { up, decided: true, failures, successes: 0, reason }, transition };
}

let lastWell: Health = { up: true, decided: true, failures: 0, successes: 0, reason: '' };

/** Most of a hundred thousand servers are well in the same words: one object for all of them. */
function wellBy(reason: string): Health {
  if (lastWell.reason !== reason) lastWell = { ...lastWell, reason };
  return lastWell;
}

/** At which pace a server is to be asked: `fast` while it is between up and down, or nothing has decided yet. */
export function paceOf({ up, decided, failures, successes }: Health): 'steady' | 'fast' | 'down' {
  if (!decided || (up ? failures : successes) > 0) return 'fast';
  return up ? 'steady' : 'down';
}

/** What is remembered of the news of a check. */
export interface Told {
  /** Why its server was down, as was told last. */
  readonly reason: string;
  /** When, in milliseconds. */
  readonly at: number;
  /** Why there was no verdict the last time; null where there was one. */
  readonly hindrance: string | null;
}

/** Of servers that are well nothing else is to be remembered. */
const well: Told = { reason: '', at: 0, hindrance: null };

/** Milliseconds until another reason of a server that stays down is told: some servers never say the same twice. */
export const reasonPause = 10_000;

/**
 * Whether a result is to be told: the first one, successes after failures and failures, as long as they count, and a new
 * reason of a failure; that there is no verdict, and the first verdict after that. `before` is null where nothing was
 * told yet; `streak` as in `Judged`; `now` in milliseconds of any clock that does not jump.
 */
export function isNews(
  before: Told | null,
  { ok, reason }: ProbeAnswer,
  streak: number,
  { failurecount, risecount }: Policy,
  now: number,
): boolean {
  if (before === null) return true;
  const { hindrance } = before;
  if (ok === null) return hindrance === null || (reason !== hindrance && now - before.at >= reasonPause);
  if (hindrance !== null) return true;
  if (ok) return streak <= risecount;
  return -streak <= failurecount || (reason !== before.reason && now - before.at >= reasonPause);
}

/** What to remember after a result that was told, or was not. */
export function remember(before: Told | null, { ok, reason }: ProbeAnswer, isTold: boolean, now: number): Told {
  if (ok) return well;
  const { reason: failure, at, hindrance } = before ?? well;
  if (ok === null) return { reason: failure, at: isTold ? now : at, hindrance: isTold ? reason : hindrance };
  return isTold ? { reason, at: now, hindrance: null } : { reason: failure, at, hindrance: null };
}

/** The policy of a check that decides for several: what is news to one of them is news. */
export function widest(one: Policy, other: Policy): Policy {
  const failurecount = Math.max(one.failurecount, other.failurecount);
  const risecount = Math.max(one.risecount, other.risecount);
  return failurecount === one.failurecount && risecount === one.risecount ? one : { ...one, failurecount, risecount };
}

export function isSamePolicy(one: Policy, other: Policy): boolean {
  return (
    one.failurecount === other.failurecount && one.risecount === other.risecount && one.startstate === other.startstate
  );
}
