/** Whom health policies hold out of use, and who grows: what of standings is told when it begins and when it ends. */

import type { HeldBy } from '../../events/serving.js';
import type { Event } from '../../events.js';
import type { Virtual } from '../../model/config.js';
import { hasReturnPolicy, type PolicyHold } from '../../model/policy-hold.js';
import { type Subject, subjectKey, subjectOf } from '../../model/subject.js';
import { type Ending, originOfEnd } from '../../overrides/in-force.js';
import type { Evidence, Standing } from './standing.js';
import type { Standings } from './standings.js';

export interface HeldByPolicy {
  readonly by: HeldBy;
  readonly reason: string;
  /** When it ends by itself, in milliseconds since 1970; null where it does not, or nobody knows when. */
  readonly until: number | null;
}

/** How a server of a virtual is held out by a policy at `now`, in milliseconds since 1970; null where it is not. */
export function policyHeld(
  { track }: Virtual,
  { by }: Pick<Standing, 'by'>,
  hold: () => PolicyHold | null,
): HeldByPolicy | null {
  if (by === 'track') return { by, reason: `tracks ${track}, which has no real server in use`, until: null };
  const held = by === 'damping' || by === 'resume' ? hold() : null;
  if (held === null) return null;
  if (held.by === 'resume') return { ...held, reason: 'resume=manual, until it is undrained' };
  const { until, falls } = held;
  return { by: held.by, until, reason: `flapdamping after ${falls} ${falls === 1 ? 'fall' : 'falls'}` };
}

/** What is told of a server. */
interface Told {
  readonly subject: Subject;
  readonly held: HeldByPolicy | null;
  /** Seconds within which it gets its weight; null where it has it. */
  readonly over: number | null;
}

/** By the server's key; of those alone of whom there is something to tell. */
export type ToldPolicies = ReadonlyMap<string, Told>;

/** Of the servers of these virtuals. */
export function toldPolicies(
  virtuals: Iterable<Virtual>,
  { of, at }: Pick<Standings, 'of' | 'at'>,
  policyHoldOf: Evidence['policyHoldOf'],
): ToldPolicies {
  const told = new Map<string, Told>();
  for (const virtual of virtuals) {
    if (!hasPolicies(virtual)) continue;
    for (const [index, standing] of (of.get(virtual) ?? []).entries()) {
      const real = virtual.realServers[index];
      if (real === undefined) continue;
      const held = policyHeld(virtual, standing, () => policyHoldOf(real, at));
      const over = standing.growth?.over ?? null;
      if (held === null && over === null) continue;
      const subject = subjectOf(virtual, real);
      told.set(subjectKey(subject), { subject, held, over });
    }
  }
  return told;
}

/** Whether there can be something to tell of its servers. */
export function hasPolicies(virtual: Virtual): boolean {
  return hasReturnPolicy(virtual) || virtual.track !== null || virtual.slowstart > 0;
}

/** What is new in `after`; and who undrained a server, where somebody does so now. */
export function policyEvents(before: ToldPolicies, after: ToldPolicies, ending: Ending | null = null): Event[] {
  const events: Event[] = [];
  for (const [key, { subject, held }] of before) {
    if (held === null || after.get(key)?.held) continue;
    // What it tracks is nobody's to undrain.
    const origin = originOfEnd(key, held.by === 'track' ? null : ending);
    events.push({ type: 'server-released', ...subject, by: held.by, ...origin });
  }
  for (const [key, { subject, held, over }] of after) {
    const earlier = before.get(key);
    if (held !== null && (earlier?.held?.by !== held.by || earlier.held.until !== held.until)) {
      events.push({ type: 'server-held', ...subject, ...held });
    }
    if (over !== null && (earlier === undefined || earlier.over === null)) {
      events.push({ type: 'server-growing', ...subject, seconds: over });
    }
  }
  return events;
}
