/**
 * What becomes of each real server: the one decision, which the wanted table, "is this service in use", status, metrics
 * and the page read. Values and the time in, values out.
 */

import type { Config, RealServer, Virtual } from '../model/config.js';
import { type InForce, isOut } from '../model/override.js';
import { type Overrides, overridesInForce } from '../overrides/in-force.js';
import { atOnce, type Work } from '../slices.js';

/**
 * `in use`: it gets its share of the traffic; `refused`: so it would, if the table took it; `drained`: at weight 0, so
 * that its connections can end; `out`: as `quiescent` says.
 */
export type Place = 'in use' | 'refused' | 'drained' | 'out';

export interface Standing {
  readonly place: Place;
  /** The weight that goes with the place. */
  readonly weight: number;
  /** Whether that is known, or only supposed until a first check has answered. */
  readonly isKnown: boolean;
}

/** What is known of the servers. */
export interface Evidence {
  readonly isUp: (real: RealServer) => boolean;
  /** Whether a check has decided that, or none is needed. */
  readonly isDecided: (real: RealServer) => boolean;
  /** Whether the table does not take it: it is wanted all the same, but nobody reaches it. */
  readonly isRefused: (real: RealServer) => boolean;
}

export interface Standings {
  readonly config: Config;
  readonly overrides: Overrides;
  /** The moment for which they are decided, in milliseconds since 1970. */
  readonly at: number;
  readonly inForce: InForce;
  /** Of each virtual, in the order of its real servers. */
  readonly of: ReadonlyMap<Virtual, readonly Standing[]>;
  /** When the next of them may change by itself, in milliseconds since 1970; null is never. */
  readonly nextChange: number | null;
}

/** `now` in milliseconds since 1970; `before` spares what has not changed since. */
export function standings(
  config: Config,
  evidence: Evidence,
  overrides: Overrides,
  now: number,
  before: Standings | null = null,
): Standings {
  return atOnce(decideStandings(config, evidence, overrides, now, before));
}

/** The same as work that can be interrupted. What changes meanwhile may be missed. */
export function* decideStandings(
  config: Config,
  evidence: Evidence,
  overrides: Overrides,
  now: number,
  before: Standings | null = null,
): Work<Standings> {
  const inForce =
    before !== null && holds(before, config, overrides, now)
      ? before.inForce
      : overridesInForce(config, overrides, now);
  const of = new Map<Virtual, readonly Standing[]>();
  for (const virtual of config.virtuals) {
    of.set(
      virtual,
      virtual.realServers.map((real) => standingOf(real, evidence, inForce)),
    );
    yield;
  }
  return { config, overrides, at: now, inForce, of, nextChange: inForce.nextChange };
}

/** Whether the same is asked of the servers still; a clock that was set back asks anew. */
function holds({ at, nextChange, ...before }: Standings, config: Config, overrides: Overrides, now: number): boolean {
  if (before.config !== config || before.overrides !== overrides) return false;
  return now >= at && (nextChange === null || now < nextChange);
}

function standingOf(real: RealServer, { isUp, isDecided, isRefused }: Evidence, inForce: InForce): Standing {
  const how = inForce.held.get(real)?.how;
  const isKnown = isOut(real, inForce) || isRefused(real) || isDecided(real);
  // To take it out would break the connections that it is drained for.
  if (how === 'drain') return alike('drained', 0, isKnown);
  if (!isUp(real) || how === 'down') return alike('out', 0, isKnown);
  const weight = how === undefined ? (inForce.weights.get(real)?.weight ?? null) : 0;
  if (weight === 0) return alike('drained', 0, isKnown);
  return alike(isRefused(real) ? 'refused' : 'in use', weight ?? real.weight, isKnown);
}

/** Thousands of servers stand alike, and are asked about at each decision: one object for all of them. */
const made: Readonly<Record<Place, readonly [supposed: Standing[], known: Standing[]]>> = {
  'in use': [[], []],
  refused: [[], []],
  drained: [[], []],
  out: [[], []],
};
/** Weights from here on are rare. */
const shared = 1_000;

function alike(place: Place, weight: number, isKnown: boolean): Standing {
  if (weight >= shared) return { place, weight, isKnown };
  const list = made[place][isKnown ? 1 : 0];
  list[weight] ??= { place, weight, isKnown };
  return list[weight];
}
