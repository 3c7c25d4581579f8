/**
 * How many servers of a virtual stay in use whatever their checks say. A check can be wrong about all of them at once,
 * and a pool that is half empty falls over the rest.
 */

import type { Quorum, RealServer, Virtual } from '../model/config.js';
import { type InForce, isOut } from '../model/override.js';
import { type Evidence, type Standing, standAs } from './standing.js';

/** A virtual with fewer healthy servers than it wants. */
export interface Below {
  readonly healthy: number;
  readonly needed: number;
}

/** How the servers of a virtual stood the last time. */
export interface PoolBefore {
  readonly isBelow: boolean;
  /** Of the server at this place in the configuration of now; undefined for one that is new. */
  of(index: number): Standing | undefined;
}

export interface Pool {
  readonly standings: readonly Standing[];
  /** Null where there are enough. */
  readonly below: Below | null;
}

/** What there is to know of the servers of a virtual. */
interface Situation {
  readonly evidence: Pick<Evidence, 'isUp' | 'isDecided'>;
  readonly inForce: InForce;
  /** Null where there was none. */
  readonly before: PoolBefore | null;
  /** How a server would stand by itself. */
  readonly standIf: (isUp: boolean, real: RealServer) => Standing;
}

/**
 * `own` is how the servers stand by themselves. Whom people or schedules hold out is neither counted nor used. That
 * nothing is known yet of servers is no shortage, but none of them counts as healthy either.
 */
export function holdMinimum(
  virtual: Virtual,
  own: readonly Standing[],
  { evidence: { isUp, isDecided }, inForce, before, standIf }: Situation,
): Pool {
  const reals = virtual.realServers;
  const counted = [...reals.entries()].filter(([, real]) => !isOut(real, inForce));
  const healthy = counted.filter(([, real]) => isUp(real)).length;
  const open = counted.filter(([, real]) => !isUp(real) && !isDecided(real)).length;
  const needed = neededOf(virtual.minhealthy, counted.length);
  const wasBelow = before?.isBelow ?? false;
  const enough = wasBelow ? Math.min(needed + hysteresisOf(virtual), counted.length) : needed;
  if (healthy >= enough) return { standings: own, below: null };
  const isSure = wasBelow || healthy + open < needed;
  const keeps = virtual.belowminimum === 'keep';
  if (!isSure && !keeps) return { standings: own, below: null };
  const kept = keeps ? keptIn(counted, own, needed - healthy, before) : null;
  const standings = own.map((standing, index) => {
    const real = reals[index];
    if (real === undefined || isOut(real, inForce)) return standing;
    const isInUse = standing.place !== 'out';
    const ought = kept === null ? virtual.belowminimum === 'all' : isInUse || kept.has(index);
    if (ought === isInUse) return standing;
    const { place, weight } = standIf(ought, real);
    return standAs(place, weight, true, true);
  });
  return { standings, below: isSure || (kept !== null && kept.size > 0) ? { healthy, needed } : null };
}

/**
 * Those that have fallen and stay in use, by their places: who was kept already, and of those who fall now as many as
 * are missing. Who fell before that was not missed.
 */
function keptIn(
  counted: readonly (readonly [index: number, real: RealServer])[],
  own: readonly Standing[],
  shortage: number,
  before: PoolBefore | null,
): ReadonlySet<number> {
  const fallen = counted
    .map(([index]) => index)
    .filter((index) => own[index]?.place === 'out' && isServing(before?.of(index)));
  const kept = new Set(fallen.filter((index) => before?.of(index)?.byMinimum));
  for (const index of fallen) {
    if (kept.size >= shortage) break;
    kept.add(index);
  }
  return kept;
}

function isServing(standing: Standing | undefined): boolean {
  return standing !== undefined && standing.place !== 'out' && standing.place !== 'drained';
}

/** At least 1 where a minimum is set, and no more than there are. */
function neededOf(quorum: Quorum | null, servers: number): number {
  if (quorum === null || quorum.amount === 0) return 0;
  const asked = quorum.unit === 'percent' ? Math.ceil((servers * quorum.amount) / 100) : quorum.amount;
  return Math.min(Math.max(asked, 1), servers);
}

function hysteresisOf({ hysteresis, minhealthy }: Virtual): number {
  if (hysteresis !== null) return hysteresis;
  return minhealthy?.unit === 'servers' && minhealthy.amount > 1 ? 1 : 0;
}
