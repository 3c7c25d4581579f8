/**
 * What becomes of each real server: the one decision, which the wanted table, "is this service in use", status, metrics
 * and the page read. Values and the time in, values out.
 */

import type { Config, RealServer, Virtual } from '../model/config.js';
import { serverName } from '../model/names.js';
import { type InForce, isOut } from '../model/override.js';
import { virtualKey, virtualSubjectOf } from '../model/subject.js';
import { type Overrides, overridesInForce } from '../overrides/in-force.js';
import { atOnce, type Work } from '../slices.js';
import { type Below, holdMinimum, type PoolBefore } from './minimum.js';
import { type Evidence, type Standing, standAs } from './standing.js';

export interface Standings {
  readonly config: Config;
  readonly overrides: Overrides;
  /** The moment for which they are decided, in milliseconds since 1970. */
  readonly at: number;
  readonly inForce: InForce;
  /** Of each virtual, in the order of its real servers. */
  readonly of: ReadonlyMap<Virtual, readonly Standing[]>;
  /** Those that have fewer healthy servers than `minhealthy` wants. */
  readonly below: ReadonlyMap<Virtual, Below>;
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
  const below = new Map<Virtual, Below>();
  const standIf = (isUp: boolean, real: RealServer) => standingOf(real, isUp, evidence, inForce);
  const poolOf = before === null ? () => null : poolsOf(before, config);
  for (const virtual of config.virtuals) {
    const own = virtual.realServers.map((real) => standIf(evidence.isUp(real), real));
    const decided = isHeldUp(virtual)
      ? holdMinimum(virtual, own, { evidence, inForce, before: poolOf(virtual), standIf })
      : null;
    of.set(virtual, decided?.standings ?? own);
    if (decided !== null && decided.below !== null) below.set(virtual, decided.below);
    yield;
  }
  return { config, overrides, at: now, inForce, of, below, nextChange: inForce.nextChange };
}

/** Whether there is a minimum. With `checktype=off` the file itself takes all servers out. */
function isHeldUp({ minhealthy, checktype }: Virtual): boolean {
  return minhealthy !== null && checktype !== 'off';
}

/** How the servers of a virtual stood before, whatever objects the configuration had for them. */
function poolsOf(before: Standings, config: Config): (virtual: Virtual) => PoolBefore | null {
  if (before.config === config) {
    return (virtual) => {
      const standings = before.of.get(virtual) ?? [];
      return { isBelow: before.below.has(virtual), of: (index) => standings[index] };
    };
  }
  const virtuals = new Map(before.config.virtuals.map((virtual) => [virtualKey(virtualSubjectOf(virtual)), virtual]));
  return (virtual) => {
    const earlier = virtuals.get(virtualKey(virtualSubjectOf(virtual)));
    if (earlier === undefined) return null;
    const standings = before.of.get(earlier) ?? [];
    const byName = new Map(earlier.realServers.map((real, index) => [serverName(real), standings[index]]));
    return {
      isBelow: before.below.has(earlier),
      of: (index) => byName.get(serverName(virtual.realServers[index] as RealServer)),
    };
  };
}

/** Whether the same is asked of the servers still; a clock that was set back asks anew. */
function holds({ at, nextChange, ...before }: Standings, config: Config, overrides: Overrides, now: number): boolean {
  if (before.config !== config || before.overrides !== overrides) return false;
  return now >= at && (nextChange === null || now < nextChange);
}

function standingOf(real: RealServer, isUp: boolean, { isDecided, isRefused }: Evidence, inForce: InForce): Standing {
  const how = inForce.held.get(real)?.how;
  const isKnown = isOut(real, inForce) || isRefused(real) || isDecided(real);
  // To take it out would break the connections that it is drained for.
  if (how === 'drain') return standAs('drained', 0, isKnown);
  if (!isUp || how === 'down') return standAs('out', 0, isKnown);
  const weight = how === undefined ? (inForce.weights.get(real)?.weight ?? null) : 0;
  if (weight === 0) return standAs('drained', 0, isKnown);
  return standAs(isRefused(real) ? 'refused' : 'in use', weight ?? real.weight, isKnown);
}
