/**
 * What becomes of each real server: the one decision, which the wanted table, "is this service in use", status, metrics
 * and the page read. Values and the time in, values out.
 */

import type { Config, Fallback, Virtual } from '../../model/config.js';
import { earlier, type InForce } from '../../model/override.js';
import { revise } from '../../model/revised.js';
import { passiveAmong, type RoleInForce } from '../../model/role.js';
import { type Overrides, overridesInForce } from '../../overrides/in-force.js';
import { atOnce, type Work } from '../../slices.js';
import { Decision } from './decision.js';
import type { Below } from './minimum.js';
import { type PoolsBefore, poolsOf } from './pools-before.js';
import type { Evidence, Standing } from './standing.js';

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

/**
 * The same as work that can be interrupted. What changes meanwhile may be missed. Of which virtuals `isSame`, nothing is known
 * otherwise than it was for `before`, be that of another configuration.
 */
export function* decideStandings(
  config: Config,
  evidence: Evidence,
  overrides: Overrides,
  role: RoleInForce,
  now: number,
  before: Standings | null = null,
  atStart: PoolsBefore = () => null,
  isSame: (virtual: Virtual) => boolean = () => false,
): Work<Standings> {
  const inForce =
    before !== null && holds(before, config, overrides, now)
      ? before.inForce
      : overridesInForce(config, overrides, now);
  const decision = new Decision(config, evidence, inForce, now, before === null ? atStart : poolsOf(before, config));
  for (const virtual of config.virtuals) {
    if (before === null || !isSame(virtual) || !decision.keep(virtual, before)) decision.decide(virtual);
    yield;
  }
  return putTogether(config, decision, { overrides, role, inForce, now }, before);
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
  asked: Asked,
  pools: PoolsBefore = poolsOf(before, before.config),
): Revised {
  const { config } = before;
  const decision = new Decision(config, evidence, asked.inForce, asked.now, pools, before);
  const done = decision.decideAll(virtuals);
  return { decided: putTogether(config, reviseParts(before, decision, done), asked, before), virtuals: done };
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

/** What becomes of the servers of each virtual, and what is so of it by that. */
type Parts = Pick<Standings, 'of' | 'serving' | 'below' | 'voted' | 'settled' | 'moving'>;

function putTogether(
  config: Config,
  { of, serving, below, voted, settled, moving }: Parts,
  { overrides, role, inForce, now }: Asked,
  before: Standings | null,
): Standings {
  const known = before?.config === config && before.role === role ? before : null;
  const passive = known?.passive ?? passiveAmong(role, config.virtuals);
  const leftOut = known?.leftOut ?? (role.table === 'active' ? passive : nobody);
  const nextChange = [...moving.values()].reduce(earlier, inForce.nextChange);
  return {
    ...{ config, overrides, role, at: now, inForce },
    ...{ of, serving, below, voted, settled, moving },
    ...{ passive, leftOut, nextChange },
  };
}

const nobody: ReadonlySet<Virtual> = new Set();

/** What was decided about these virtuals, in the place of what was `before`. */
function reviseParts(before: Parts, decision: Parts, virtuals: ReadonlySet<Virtual>): Parts {
  const of = new Map<Virtual, readonly Standing[]>();
  const serving = new Map<Virtual, readonly Fallback[] | undefined>();
  const below = new Map<Virtual, Below | undefined>();
  const voted = new Map<Virtual, Voted | undefined>();
  const moving = new Map<Virtual, number | undefined>();
  let { settled } = before;
  for (const virtual of virtuals) {
    const standings = decision.of.get(virtual) ?? [];
    if (!isSameList(standings, before.of.get(virtual))) of.set(virtual, standings);
    note(serving, virtual, before.serving, decision.serving.get(virtual));
    note(below, virtual, before.below, decision.below.get(virtual));
    note(voted, virtual, before.voted, decision.voted.get(virtual));
    note(moving, virtual, before.moving, decision.moving.get(virtual));
    const isSettled = decision.settled.has(virtual);
    if (isSettled !== settled.has(virtual)) settled = withOrWithout(settled, virtual, isSettled);
  }
  return {
    of: revise(before.of, of),
    serving: revise(before.serving, serving),
    below: revise(before.below, below),
    voted: revise(before.voted, voted),
    settled,
    moving: revise(before.moving, moving),
  };
}

/** Whether the same is asked of the servers still; a clock that was set back asks anew. */
function holds({ at, inForce, ...before }: Standings, config: Config, overrides: Overrides, now: number): boolean {
  if (before.config !== config || before.overrides !== overrides) return false;
  return now >= at && (inForce.nextChange === null || now < inForce.nextChange);
}
