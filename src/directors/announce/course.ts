/** What becomes of the announcement of an address: values and the time in, values out. */

import type { AnnounceSection } from '../../config/settings/announce-rows.js';
import type { Announced } from '../../model/announced.js';
import type { Finding } from './vip-health.js';

/** How an address was the last time. */
export interface VipState {
  readonly isHealthy: boolean;
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
  /** Whether it has been healthy for long enough, and has stayed so. */
  readonly isUp: boolean;
}

export interface Course {
  readonly state: VipState;
  /** Null where it is not announced. */
  readonly announced: Announced | null;
  readonly why: string;
  /** When it changes by itself, in milliseconds since 1970; null where it does not. */
  readonly nextChange: number | null;
}

/** What else decides. */
export interface Surroundings {
  /** Whether this director is the active one for the address. */
  readonly isActive: boolean;
  /** Whether clients are to go to other directors. */
  readonly isLeaving: boolean;
  /** Whether it is healthy on no director. */
  readonly isDownEverywhere: boolean;
}

/** `before` is null for an address that nobody knows; `now` in milliseconds since 1970. */
export function courseOf(
  before: VipState | null,
  finding: Finding,
  { when, hold, failStatic }: Pick<AnnounceSection, 'when' | 'hold' | 'failStatic'>,
  { isActive, isLeaving, isDownEverywhere }: Surroundings,
  now: number,
): Course {
  const state = stateAfter(before, finding, hold * 1000, now);
  const { isHealthy, isUp, since } = state;
  const nextChange = isHealthy && !isUp && finding.verdict === 'well' ? since + hold * 1000 : null;
  const course = (announced: Announced | null, why: string): Course => ({ state, announced, why, nextChange });
  if (!isActive) return course(null, 'this director is not the active one for it');
  const leaves = (how: Announced, why: string): Course =>
    isLeaving ? course('leaving', `handing over: ${why}`) : course(how, why);
  if (isUp) return leaves('well', finding.why);
  const why = nextChange === null ? finding.why : `healthy, and announced after hold = ${hold}: ${finding.why}`;
  if (when === 'always') return leaves('ill', `when = always: ${why}`);
  if (failStatic && isDownEverywhere) return leaves('ill', `failstatic, healthy on no director: ${why}`);
  return course(null, why);
}

/** What is not known yet stays as it was; what never was healthy does not become so by it. */
function stateAfter(before: VipState | null, { verdict }: Finding, hold: number, now: number): VipState {
  const isHealthy = verdict === 'open' ? (before?.isHealthy ?? false) : verdict === 'well';
  // A clock that was set back begins anew.
  const since = before !== null && isHealthy === before.isHealthy ? Math.min(before.since, now) : now;
  const wasUp = before?.isUp === true && before.isHealthy;
  // Its time runs only where it is known to be healthy.
  const isUp = isHealthy && (wasUp || (verdict === 'well' && now - since >= hold));
  return { isHealthy, since, isUp };
}
