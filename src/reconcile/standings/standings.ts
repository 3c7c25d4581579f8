/**
 * What becomes of each real server: the one decision, which the wanted table, "is this service in use", status, metrics
 * and the page read. Values and the time in, values out.
 */

import type { Config, Fallback, RealServer, Virtual } from '../../model/config.js';
import { serverName } from '../../model/names.js';
import { earlier, type InForce, isOut } from '../../model/override.js';
import { hasReturnPolicy } from '../../model/policy-hold.js';
import { revise } from '../../model/revised.js';
import { passiveAmong, type RoleInForce } from '../../model/role.js';
import { keyOfVirtual } from '../../model/subject.js';
import { type Overrides, overridesInForce } from '../../overrides/in-force.js';
import { atOnce, type Work } from '../../slices.js';
import { growServers } from './growth.js';
import { type Below, holdMinimum, type PoolBefore } from './minimum.js';
import { servingFallbacks } from './serving.js';
import { type Evidence, isServing, type Standing, standAs, standBecause, standMoving } from './standing.js';
import { tracksOf } from './tracks.js';
import { factorsOf } from './weight.js';

export interface Standings {
  readonly config: Config;
  readonly overrides: Overrides;
  readonly role: RoleInForce;
  /** The moment for which they are decided, in milliseconds since 1970. */
  readonly at: number;
  readonly inForce: InForce;
  /** Of each virtual, in the order of its real servers. */
  readonly of: ReadonlyMap<Virtual, readonly Standing[]>;
  /** Of each virtual, the fallbacks that answer while no real server of it is in use. */
  readonly serving: ReadonlyMap<Virtual, readonly Fallback[]>;
  /** Those that have fewer healthy servers than `minhealthy` wants. */
  readonly below: ReadonlyMap<Virtual, Below>;
  /** Those of whose servers some are in use, or out of it, by the votes of other directors against what checks say here. */
  readonly voted: ReadonlyMap<Virtual, Voted>;
  /** Those with `slowstart` of whose servers all were known once. */
  readonly settled: ReadonlySet<Virtual>;
  /** Those for which this director is not active. Their servers stand as they would if it were. */
  readonly passive: ReadonlySet<Virtual>;
  /** Those of them that the table does not have. */
  readonly leftOut: ReadonlySet<Virtual>;
  /** Of each virtual whose servers stand otherwise by themselves some day: when, in milliseconds since 1970. */
  readonly moving: ReadonlyMap<Virtual, number>;
  /** When the next of them may change by itself, in milliseconds since 1970; null is never. */
  readonly nextChange: number | null;
}

/** How many servers of a virtual the votes of others decide about. */
export interface Voted {
  readonly kept: number;
  readonly unused: number;
}

/** How the servers of a virtual stood before; null where there was no such virtual. */
export type PoolsBefore = (virtual: Virtual) => PoolBefore | null;

/**
 * `now` in milliseconds since 1970; `before` spares what has not changed since. Where there is none, `atStart` says how
 * the servers stood in the run before.
 */
export function standings(
  config: Config,
  evidence: Evidence,
  overrides: Overrides,
  role: RoleInForce,
  now: number,
  before: Standings | null = null,
  atStart: PoolsBefore = () => null,
): Standings {
  return atOnce(decideStandings(config, evidence, overrides, role, now, before, atStart));
}

/** The same as work that can be interrupted. What changes meanwhile may be missed. */
export function* decideStandings(
  config: Config,
  evidence: Evidence,
  overrides: Overrides,
  role: RoleInForce,
  now: number,
  before: Standings | null = null,
  atStart: PoolsBefore = () => null,
): Work<Standings> {
  const inForce =
    before !== null && holds(before, config, overrides, now)
      ? before.inForce
      : overridesInForce(config, overrides, now);
  const decision = new Decision(config, evidence, inForce, now, before === null ? atStart : poolsOf(before, config));
  for (const virtual of config.virtuals) {
    decision.decide(virtual);
    yield;
  }
  const { of, serving, below, voted, settled, moving } = decision;
  const nextChange = [...moving.values()].reduce(earlier, inForce.nextChange);
  const passive =
    before !== null && before.config === config && before.role === role
      ? before.passive
      : passiveAmong(role, config.virtuals);
  const leftOut = role.table === 'active' ? passive : nobody;
  return {
    config,
    overrides,
    role,
    at: now,
    inForce,
    of,
    serving,
    below,
    voted,
    settled,
    passive,
    leftOut,
    moving,
    nextChange,
  };
}

/** What is asked by now, for a decision about some virtuals. */
export interface Asked extends Pick<Standings, 'overrides' | 'role' | 'inForce'> {
  /** In milliseconds since 1970. */
  readonly now: number;
}

/** Standings in which some virtuals were decided about. */
export interface Revised {
  readonly decided: Standings;
  readonly virtuals: ReadonlySet<Virtual>;
}

/**
 * The same where for all others than these virtuals, and those that track them, nothing is otherwise than `before`.
 */
export function reviseStandings(
  before: Standings,
  virtuals: Iterable<Virtual>,
  evidence: Evidence,
  { overrides, role, inForce, now }: Asked,
  pools: PoolsBefore = poolsOf(before, before.config),
): Revised {
  const { config } = before;
  const decision = new Decision(config, evidence, inForce, now, pools, before);
  const done = decision.decideAll(virtuals);
  const of = new Map<Virtual, readonly Standing[]>();
  const serving = new Map<Virtual, readonly Fallback[] | undefined>();
  const below = new Map<Virtual, Below | undefined>();
  const voted = new Map<Virtual, Voted | undefined>();
  const moving = new Map<Virtual, number | undefined>();
  let { settled } = before;
  for (const virtual of done) {
    const standings = decision.of.get(virtual) ?? [];
    if (!isSameList(standings, before.of.get(virtual))) of.set(virtual, standings);
    note(serving, virtual, before.serving, decision.serving.get(virtual));
    note(below, virtual, before.below, decision.below.get(virtual));
    note(voted, virtual, before.voted, decision.voted.get(virtual));
    note(moving, virtual, before.moving, decision.moving.get(virtual));
    const isSettled = decision.settled.has(virtual);
    if (isSettled !== settled.has(virtual)) settled = withOrWithout(settled, virtual, isSettled);
  }
  const isSameRole = role === before.role;
  const passive = isSameRole ? before.passive : passiveAmong(role, config.virtuals);
  const ahead = revise(before.moving, moving);
  const decided: Standings = {
    ...{ config, overrides, role, at: now, inForce, passive },
    of: revise(before.of, of),
    serving: revise(before.serving, serving),
    below: revise(before.below, below),
    voted: revise(before.voted, voted),
    settled,
    leftOut: isSameRole ? before.leftOut : role.table === 'active' ? passive : nobody,
    moving: ahead,
    nextChange: [...ahead.values()].reduce(earlier, inForce.nextChange),
  };
  return { decided, virtuals: done };
}

/** Virtuals whose servers stand otherwise at `now` than `before` though nothing was said: weights grow by the second. */
export function movedBy({ moving }: Pick<Standings, 'moving'>, now: number): Virtual[] {
  const due = [...moving].filter(([{ slowstart }, at]) => slowstart > 0 || at <= now);
  return due.map(([virtual]) => virtual);
}

function withOrWithout(virtuals: ReadonlySet<Virtual>, virtual: Virtual, isIn: boolean): ReadonlySet<Virtual> {
  const others = [...virtuals].filter((one) => one !== virtual);
  return new Set(isIn ? [...others, virtual] : others);
}

function note<V>(
  changes: Map<Virtual, V | undefined>,
  virtual: Virtual,
  before: ReadonlyMap<Virtual, V>,
  value: V | undefined,
): void {
  if (before.get(virtual) !== value) changes.set(virtual, value);
}

function isSameList(one: readonly Standing[], other: readonly Standing[] | undefined): boolean {
  return one.length === other?.length && one.every((standing, index) => standing === other[index]);
}

const nobody: ReadonlySet<Virtual> = new Set();

/** Goes through the virtuals, those that are tracked before those that track them. */
class Decision {
  readonly of = new Map<Virtual, readonly Standing[]>();
  readonly serving = new Map<Virtual, readonly Fallback[]>();
  readonly below = new Map<Virtual, Below>();
  readonly voted = new Map<Virtual, Voted>();
  readonly settled = new Set<Virtual>();
  readonly moving = new Map<Virtual, number>();
  readonly #config: Config;
  readonly #evidence: Evidence;
  readonly #inForce: InForce;
  readonly #now: number;
  readonly #poolOf: PoolsBefore;
  readonly #begun = new Set<Virtual>();
  /** What counts of virtuals that are not decided about; null where all are. */
  readonly #others: Standings | null;
  /** Those that are to be decided about, where not all are. */
  #asked: ReadonlySet<Virtual> = new Set();
  /** When the one that is decided about stands otherwise by itself, in milliseconds since 1970. */
  #nextChange: number | null = null;
  /** Whether votes decide about servers that are looked at. */
  #hasVotes = false;

  constructor(
    config: Config,
    evidence: Evidence,
    inForce: InForce,
    now: number,
    poolOf: PoolsBefore,
    others: Standings | null = null,
  ) {
    this.#config = config;
    this.#evidence = evidence;
    this.#inForce = inForce;
    this.#now = now;
    this.#poolOf = poolOf;
    this.#others = others;
  }

  /** These, and those that track them, as far as that makes a difference. Gives all that were decided about. */
  decideAll(virtuals: Iterable<Virtual>): ReadonlySet<Virtual> {
    const tracks = tracksOf(this.#config);
    const all = new Set<Virtual>();
    const known = new Map<Virtual, boolean>();
    const isOtherwise = (virtual: Virtual): boolean => {
      const [was, is] = [
        known.get(virtual) ?? hasNobody(this.#others?.of.get(virtual)),
        hasNobody(this.of.get(virtual)),
      ];
      known.set(virtual, is);
      return was !== is;
    };
    for (let next = tracks.inOrder(virtuals); next.length > 0; ) {
      this.#asked = new Set(next);
      for (const virtual of next) {
        this.#begun.delete(virtual);
        this.of.delete(virtual);
      }
      for (const virtual of next) {
        this.decide(virtual);
        all.add(virtual);
      }
      next = tracks.trackersOf(next.filter((virtual) => tracks.isTracked(virtual) && isOtherwise(virtual)));
    }
    return all;
  }

  decide(virtual: Virtual): void {
    const { track } = virtual;
    if (track !== null) {
      // Each once: names that turn out to be one another's addresses could track each other.
      if (this.#begun.has(virtual)) return;
      this.#begun.add(virtual);
    }
    // Who is tracked comes first, with changes of its own.
    const hasNobody = track !== null && this.#hasNobody(virtual);
    this.#nextChange = null;
    this.#decide(virtual, hasNobody);
    if (this.#nextChange !== null) this.moving.set(virtual, this.#nextChange);
    else this.moving.delete(virtual);
  }

  #decide(virtual: Virtual, hasNobody: boolean): void {
    const { slowstart } = virtual;
    const { isUp, isVoted } = this.#evidence;
    this.#hasVotes = false;
    const fallbacks = servingFallbacks(virtual, this.#evidence);
    if (fallbacks.length > 0) this.serving.set(virtual, fallbacks);
    const hasPast = hasReturnPolicy(virtual);
    const own = virtual.realServers.map((real) => {
      const checked = this.#standIf(isUp(real), real);
      const standing = hasPast ? this.#heldBack(checked, real) : checked;
      return isVoted?.(real) ? this.#byVote(standing, real) : standing;
    });
    this.below.delete(virtual);
    this.voted.delete(virtual);
    if (hasNobody) {
      // A pool that nobody uses meanwhile is not a new one afterwards.
      if (slowstart > 0) this.#settle(virtual, own, this.#poolOf(virtual));
      this.of.set(virtual, own.map(outByTrack));
      return;
    }
    const asksBefore = slowstart > 0 || isHeldUp(virtual);
    const before = asksBefore ? this.#poolOf(virtual) : null;
    const held = isHeldUp(virtual) ? this.#holdMinimum(virtual, own, before) : own;
    this.#noteVotes(virtual, held);
    this.of.set(virtual, slowstart > 0 ? this.#grow(virtual, held, before) : held);
  }

  /** What people ask for, and what the table refuses, nobody votes on. */
  #byVote(standing: Standing, real: RealServer): Standing {
    const { place, by } = standing;
    const isByChecks = by === null && (place === 'in use' || place === 'out') && !this.#inForce.held.has(real);
    if (!isByChecks) return standing;
    this.#hasVotes = true;
    return standBecause(standing, 'vote');
  }

  #noteVotes(virtual: Virtual, standings: readonly Standing[]): void {
    if (!this.#hasVotes) return;
    this.#hasVotes = false;
    const byVote = standings.filter(({ by }) => by === 'vote');
    const kept = byVote.filter(({ place }) => place === 'in use').length;
    if (byVote.length > 0) this.voted.set(virtual, { kept, unused: byVote.length - kept });
  }

  /** As its past has it. */
  #heldBack(standing: Standing, real: RealServer): Standing {
    if (standing.place !== 'in use' && standing.place !== 'refused') return standing;
    const hold = this.#evidence.policyHoldOf(real, this.#now);
    if (hold === null) return standing;
    this.#nextChange = earlier(this.#nextChange, hold.until);
    return standAs('out', 0, true, hold.by);
  }

  readonly #standIf = (isUp: boolean, real: RealServer): Standing => {
    return standingOf(real, isUp, this.#evidence, this.#inForce);
  };

  #hasNobody(virtual: Virtual): boolean {
    const named = tracksOf(this.#config).trackedBy(virtual);
    for (const one of named) if (!this.of.has(one) && this.#isToDecide(one)) this.decide(one);
    const of = (one: Virtual) => this.of.get(one) ?? (this.#isToDecide(one) ? undefined : this.#others?.of.get(one));
    return named.every((one) => hasNobody(of(one)));
  }

  #isToDecide(virtual: Virtual): boolean {
    return this.#others === null || this.#asked.has(virtual);
  }

  #holdMinimum(virtual: Virtual, own: readonly Standing[], before: PoolBefore | null): readonly Standing[] {
    const [evidence, inForce, hasFallback] = [this.#evidence, this.#inForce, this.serving.has(virtual)];
    const situation = { evidence, inForce, hasFallback, before, standIf: this.#standIf };
    const { standings, below } = holdMinimum(virtual, own, situation);
    if (below !== null) this.below.set(virtual, below);
    return standings;
  }

  /** Notes whether all of its servers were known once. Gives how they stood before; null where none of them was there. */
  #settle(virtual: Virtual, standings: readonly Standing[], pool: PoolBefore | null): PoolBefore | null {
    const isNew = !virtual.realServers.some((_, index) => pool?.of(index) !== undefined);
    const before = isNew ? null : pool;
    if (before?.isSettled || standings.every(({ isKnown }) => isKnown)) this.settled.add(virtual);
    return before;
  }

  #grow(virtual: Virtual, standings: readonly Standing[], pool: PoolBefore | null): readonly Standing[] {
    const before = this.#settle(virtual, standings, pool);
    const grown = growServers(virtual, standings, before, this.#inForce, this.#now);
    this.#nextChange = earlier(this.#nextChange, grown.nextChange);
    return grown.standings;
  }
}

/** Of what is not known it is not supposed that it is so. */
function hasNobody(standings: readonly Standing[] | undefined): boolean {
  return standings?.every(({ place, isKnown }) => place !== 'in use' && isKnown) ?? false;
}

/** A drain goes on, and ends as it does. */
function outByTrack(standing: Standing): Standing {
  return standing.place === 'drained' ? standing : standAs('out', 0, true, 'track');
}

/** Whether there is a minimum. With `checktype=off` the file itself takes all servers out. */
function isHeldUp({ minhealthy, checktype }: Virtual): boolean {
  return minhealthy !== null && checktype !== 'off';
}

/** How the servers of a virtual stood before, whatever objects the configuration had for them. */
export function poolsOf(before: Standings, config: Config): PoolsBefore {
  if (before.config === config) {
    return (virtual) => {
      const standings = before.of.get(virtual) ?? [];
      return { ...stateOf(virtual, before), gone: 0, of: (index) => standings[index] };
    };
  }
  const virtuals = new Map(before.config.virtuals.map((virtual) => [keyOfVirtual(virtual), virtual]));
  return (virtual) => {
    const earlierOne = virtuals.get(keyOfVirtual(virtual));
    if (earlierOne === undefined) return null;
    const standings = before.of.get(earlierOne) ?? [];
    const byName = new Map(earlierOne.realServers.map((real, index) => [serverName(real), standings[index]]));
    const left = new Set(virtual.realServers.map(serverName));
    return {
      ...stateOf(earlierOne, before),
      gone: [...byName].filter(([name, standing]) => standing && isServing(standing) && !left.has(name)).length,
      of: (index) => byName.get(serverName(virtual.realServers[index] as RealServer)),
    };
  };
}

function stateOf(virtual: Virtual, { below, settled }: Standings): Omit<PoolBefore, 'of' | 'gone'> {
  return { isBelow: below.has(virtual), isSettled: settled.has(virtual) };
}

/** Whether the same is asked of the servers still; a clock that was set back asks anew. */
function holds({ at, inForce, ...before }: Standings, config: Config, overrides: Overrides, now: number): boolean {
  if (before.config !== config || before.overrides !== overrides) return false;
  return now >= at && (inForce.nextChange === null || now < inForce.nextChange);
}

function standingOf(real: RealServer, isUp: boolean, { isDecided, isRefused }: Evidence, inForce: InForce): Standing {
  const how = inForce.held.get(real)?.how;
  const out = isOut(real, inForce);
  const isKnown = out || isRefused(real) || isDecided(real);
  // To take it out would break the connections that it is drained for.
  if (how === 'drain') return standAs('drained', 0, isKnown);
  if (!isUp || how === 'down') return standAs('out', 0, isKnown);
  if (out) return standAs('drained', 0, isKnown);
  const place = isRefused(real) ? 'refused' : 'in use';
  const standing = standAs(place, inForce.weights.get(real)?.weight ?? real.weight, isKnown);
  return inForce.shares.has(real) ? standMoving(standing, factorsOf(real, inForce)) : standing;
}
