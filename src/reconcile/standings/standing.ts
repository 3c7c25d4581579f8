/** What becomes of a real server, and what is known of it. */

import type { RealServer } from '../../model/config.js';
import type { PolicyHold } from '../../model/policy-hold.js';
import { type Factors, type Growth, weightOf } from './weight.js';

/**
 * `in use`: it gets its share of the traffic; `refused`: so it would, if the table took it; `drained`: at weight 0, so
 * that its connections can end; `out`: as `quiescent` says.
 */
export type Place = 'in use' | 'refused' | 'drained' | 'out';

/**
 * What decides the place, where that is neither its checks nor what is asked for it: `minhealthy`, or the votes of other
 * directors; or it is out for `flapdamping`, `resume` or `track`.
 */
export type StandingBy = 'minimum' | 'vote' | 'track' | PolicyHold['by'];

export interface Standing {
  readonly place: Place;
  /** The weight that goes with the place. */
  readonly weight: number;
  /** Whether that is known, or only supposed until a first check has answered. */
  readonly isKnown: boolean;
  readonly by: StandingBy | null;
  /** Null where it has its whole weight. */
  readonly growth: Growth | null;
  /** Whether its weight changes by itself, as it grows or its agent says. */
  readonly moves: boolean;
}

/** What is known of the servers. */
export interface Evidence {
  readonly isUp: (real: RealServer) => boolean;
  /** Whether the votes of other directors say so against its checks here. Absent where nobody votes. */
  readonly isVoted?: (real: RealServer) => boolean;
  /** Whether a check has decided that, or none is needed. */
  readonly isDecided: (real: RealServer) => boolean;
  /** Whether the table does not take it: it is wanted all the same, but nobody reaches it. */
  readonly isRefused: (real: RealServer) => boolean;
  /** What keeps out one whose checks pass; `now` in milliseconds since 1970. */
  readonly policyHoldOf: (real: RealServer, now: number) => PolicyHold | null;
}

/** Thousands of servers stand alike, and are asked about at each decision: one object for all of them. */
const made = new Map<Place, Standing[][]>();
const reasons: readonly (StandingBy | null)[] = [null, 'minimum', 'vote', 'track', 'damping', 'resume'];
/** Weights from here on are rare. */
const shared = 1_000;

/** One whose weight does not change by itself. */
export function standAs(place: Place, weight: number, isKnown: boolean, by: StandingBy | null = null): Standing {
  if (weight >= shared) return { place, weight, isKnown, by, growth: null, moves: false };
  const kinds = made.get(place) ?? [];
  made.set(place, kinds);
  const kind = 2 * reasons.indexOf(by) + (isKnown ? 1 : 0);
  kinds[kind] ??= [];
  const list = kinds[kind];
  list[weight] ??= { place, weight, isKnown, by, growth: null, moves: false };
  return list[weight];
}

/** One whose weight changes by itself. */
export function standMoving({ place, isKnown, by }: Standing, factors: Factors): Standing {
  return { place, weight: weightOf(factors), isKnown, by, growth: factors.growth, moves: true };
}

/** The same place for another reason, which is known. */
export function standBecause(standing: Standing, by: StandingBy): Standing {
  if (standing.moves) return { ...standing, isKnown: true, by };
  return standAs(standing.place, standing.weight, true, by);
}

/** Whether clients are sent to it. */
export function isServing({ place, weight }: Standing): boolean {
  return place === 'in use' && weight > 0;
}
