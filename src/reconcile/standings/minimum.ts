/**
 * How many servers of a virtual stay in use whatever their checks say. A check can be wrong about all of them at once,
 * and a pool that is half empty falls over the rest.
 */

import type { Quorum, RealServer, Virtual } from '../../model/config.js';
import { type InForce, isOut } from '../../model/override.js';
import { type Evidence, type Standing, standBecause } from './standing.js';

/** A virtual with fewer healthy servers than it wants. */
export interface Below {
  readonly healthy: number;
  readonly needed: number;
}

/** How the servers of a virtual stood the last time. */
export interface PoolBefore {
  readonly isBelow: boolean;
  /** Whether all of its servers were known once. */
  readonly isSettled: boolean;
  /** How many that were in use the configuration of now does not have any more. */
  readonly gone: number;
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
  /** Whether there is a fallback that would answer. */
  readonly hasFallback: boolean;
  /** Null where there was none. */
  readonly before: PoolBefore | null;
  /** How a server would stand whatever its past was. */
  readonly standIf: (isUp: boolean, real: RealServer) => Standing;
}

/**
 * `own` is how the servers stand by themselves. Whom people, schedules or agents hold out is neither counted nor used,
 * and who waits to be undrained is not used. That nothing is known yet of servers is no shortage, but none of them counts
 * as healthy either.
 */
export function holdMinimum(virtual: Virtual, own: readonly Standing[], situation: Situation): Pool {
  const reals = virtual.realServers;
  const { evidence, inForce, hasFallback, before, standIf } = situation;
  const counted = [...reals.entries()].filter(([, real]) => !isOut(real, inForce));
  const needed = neededOf(virtual.minhealthy, counted.length);
  const passing = counted.filter(([index, real]) => evidence.isUp(real) && own[index]?.by === null).length;
  const damped = letIn(counted, own, needed - passing, before);
  const healthy = passing + damped.size;
  const open = counted.filter(([, real]) => !evidence.isUp(real) && !evidence.isDecided(real)).length;
  const wasBelow = before?.isBelow ?? false;
  const enough = wasBelow ? Math.min(needed + hysteresisOf(virtual), counted.length) : needed;
  const isSure = healthy < enough && (wasBelow || healthy + open < needed);
  const rule = virtual.belowminimum;
  const keeps = rule === 'keep' || rule === 'withdraw';
  const kept = healthy < enough && keeps ? keptIn(counted, own, needed - healthy, situation) : nobody;
  const areKeptDown = [...kept].some((index) => evidence.isDecided(reals[index] as RealServer));
  const ought = (index: number, isInUse: boolean): boolean => {
    if (isSure && rule === 'all') return own[index]?.by !== 'resume';
    // Few are better than nobody at all.
    if (isSure && rule === 'fallback' && hasFallback) return false;
    return isInUse || damped.has(index) || kept.has(index);
  };
  const standings = own.map((standing, index) => {
    const real = reals[index];
    if (real === undefined || isOut(real, inForce)) return standing;
    const isInUse = standing.place !== 'out';
    const isWanted = ought(index, isInUse);
    return isWanted === isInUse ? standing : standBecause(standIf(isWanted, real), 'minimum');
  });
  return { standings, below: isSure || areKeptDown ? { healthy, needed } : null };
}

const nobody: ReadonlySet<number> = new Set();

/** Of those that pass their checks, and only fell too often, as many as are missing: who is let in already, first. */
function letIn(
  counted: readonly (readonly [index: number, real: RealServer])[],
  own: readonly Standing[],
  shortage: number,
  before: PoolBefore | null,
): ReadonlySet<number> {
  if (shortage <= 0) return nobody;
  const damped = counted.map(([index]) => index).filter((index) => own[index]?.by === 'damping');
  const wasIn = (index: number): number => (before?.of(index)?.by === 'minimum' ? 0 : 1);
  return new Set(damped.toSorted((one, other) => wasIn(one) - wasIn(other)).slice(0, shortage));
}

/**
 * Those that stay in use though their checks do not pass, by their places: who was kept already, and of those who fall
 * now as many as are missing. Who fell before that was not missed, and stays out, but where servers went with a new
 * list: for each of them there is another, of whom nothing is known yet before one that is down.
 */
function keptIn(
  counted: readonly (readonly [index: number, real: RealServer])[],
  own: readonly Standing[],
  shortage: number,
  { evidence: { isDecided }, before }: Situation,
): ReadonlySet<number> {
  const out = counted.filter(([index]) => own[index]?.place === 'out' && own[index]?.by === null);
  const [fallen, others] = partition(out, ([index]) => wasServing(before?.of(index)));
  const kept = new Set(fallen.flatMap(([index]) => (before?.of(index)?.by === 'minimum' ? index : [])));
  const [known, unknown] = partition(others, ([, real]) => isDecided(real));
  const inPlace = [...unknown, ...known].slice(0, before?.gone ?? 0);
  for (const [index] of [...fallen, ...inPlace]) {
    if (kept.size >= shortage) break;
    kept.add(index);
  }
  return kept;
}

function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): readonly [T[], T[]] {
  const parts: [T[], T[]] = [[], []];
  for (const one of all) parts[isFirst(one) ? 0 : 1].push(one);
  return parts;
}

function wasServing(standing: Standing | undefined): boolean {
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
