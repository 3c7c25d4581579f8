/** One decision: goes through virtuals, of which some track others, and gathers what becomes of their servers. */

import type { Config, Fallback, RealServer, Virtual } from '../../model/config.js';
import { earlier, type InForce, isOut } from '../../model/override.js';
import { hasReturnPolicy } from '../../model/policy-hold.js';
import { growServers } from './growth.js';
import { type Below, holdMinimum, type PoolBefore } from './minimum.js';
import type { PoolsBefore } from './pools-before.js';
import { servingFallbacks } from './serving.js';
import { type Evidence, type Standing, standAs, standBecause, standMoving } from './standing.js';
import type { Standings, Voted } from './standings.js';
import { tracksOf } from './tracks.js';
import { factorsOf } from './weight.js';

/** Goes through the virtuals, those that are tracked before those that track them. */
export class Decision {
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

  /** Lets its servers stand as before, where that hangs on nothing but what is known of them; gives whether it does. */
  keep(virtual: Virtual, before: Standings): boolean {
    const standings = before.of.get(virtual);
    const { track, slowstart, realServers } = virtual;
    if (standings === undefined || track !== null || slowstart > 0) return false;
    if (isHeldUp(virtual) || hasReturnPolicy(virtual) || before.voted.has(virtual)) return false;
    if (this.#hasOverridden(virtual, before.inForce) || this.#hasOverridden(virtual, this.#inForce)) return false;
    const { isVoted } = this.#evidence;
    if (isVoted && realServers.some(isVoted)) return false;
    this.of.set(virtual, standings);
    const serving = before.serving.get(virtual);
    if (serving !== undefined) this.serving.set(virtual, serving);
    return true;
  }

  #hasOverridden({ realServers }: Virtual, { held, weights, shares }: InForce): boolean {
    if (held.size + weights.size + shares.size === 0) return false;
    return realServers.some((real) => held.has(real) || weights.has(real) || shares.has(real));
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
