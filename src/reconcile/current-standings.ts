/**
 * The standings as they are: decided about anew where something may be otherwise, and nowhere else. A death among a
 * hundred thousand servers is a matter of its virtual.
 */

import type { Config, RealServer, Virtual } from '../model/config.js';
import type { RoleInForce } from '../model/role.js';
import { askedAnew } from '../overrides/asked-anew.js';
import { type Overrides, reviseInForce } from '../overrides/in-force.js';
import type { Work } from '../slices.js';
import { Places } from './places.js';
import type { Unserved } from './refusals.js';
import { refusedIn, refusedServers } from './refused-servers.js';
import { type PoolsBefore, poolsOf } from './standings/pools-before.js';
import type { Evidence } from './standings/standing.js';
import {
  decideStandings,
  movedBy,
  type Revised,
  reviseStandings,
  type Standings,
  standings,
} from './standings/standings.js';

/** Who is up, as checks say or a table that was found. */
export interface Health extends Pick<Evidence, 'isUp' | 'isVoted' | 'isDecided' | 'policyHoldOf'> {
  /**
   * Of whom something else is known than when this was last asked; null where that may be anybody. Without it nobody can
   * say.
   */
  readonly takeChanged?: () => Iterable<{ readonly virtual: Virtual; readonly real: RealServer }> | null;
}

export interface CurrentStandingsOptions {
  /** The configuration that rules, who is up in it, and what is asked for its servers, as it stands. */
  readonly config: () => Config;
  readonly health: Health;
  readonly overrides: () => Overrides;
  /** Whether this director is active. */
  readonly role: () => RoleInForce;
  readonly unserved: () => Unserved;
  /** How pools stood in the run before; without it nobody knows. */
  readonly atStart?: PoolsBefore;
}

/** Servers that are decided about in one go, but for those of one virtual: some milliseconds, which others have to wait. */
const mostAtOnce = 1_000;

export class CurrentStandings {
  readonly #options: CurrentStandingsOptions;
  readonly #evidence: Evidence;
  readonly #refused = new Set<RealServer>();
  readonly #places = new WeakMap<Config, Places>();
  #last: Standings | null = null;
  /** Virtuals that may stand otherwise than they were decided about last; and those in which something else may be asked. */
  readonly #open = new Set<Virtual>();
  readonly #askedAnew = new Set<Virtual>();
  /** How often all were doubted; how often when what is foreseen was begun, and whether servers were refused then. */
  #doubts = 0;
  #foreseenAt: { doubts: number; areRefused: boolean; before: Standings | null } = {
    doubts: 0,
    areRefused: false,
    before: null,
  };
  /** How pools stood before what was foreseen, which nobody has seen: while something of it is open. */
  #pools: PoolsBefore | undefined;

  constructor(options: CurrentStandingsOptions) {
    this.#options = options;
    const { takeChanged: _, ...known } = options.health;
    this.#evidence = { ...known, isRefused: (real) => this.#refused.has(real) };
  }

  /** As they were decided last; null before the first time. */
  get last(): Standings | null {
    return this.#last;
  }

  /** Whether those of last are of another configuration, so that all are decided about. */
  get isOther(): boolean {
    return this.#last?.config !== this.#options.config();
  }

  /** Whether some were left open. */
  get areOpen(): boolean {
    return this.#open.size > 0;
  }

  /** Something about any server may be otherwise. */
  doubt(): void {
    this.#doubts += 1;
    for (const virtual of this.#last?.config.virtuals ?? []) this.#open.add(virtual);
  }

  /** Decides about all. `now` in milliseconds since 1970. */
  decideAnew(now: number): Standings {
    const { config, health, unserved } = this.#options;
    health.takeChanged?.();
    unserved().takeChanged();
    this.#last = this.#whole(now);
    this.#refused.clear();
    for (const real of refusedServers(config(), unserved())) this.#refused.add(real);
    this.#pools = undefined;
    this.#open.clear();
    this.#askedAnew.clear();
    return this.#last;
  }

  /** Decides about all as another configuration would find them, before it rules. `now` in milliseconds since 1970. */
  *foresee(config: Config, health: Health, now: number): Work<Standings> {
    const { overrides, role, unserved, atStart } = this.#options;
    const last = this.#last;
    // Of what is found to be otherwise the one that rules is decided about, too.
    if (last !== null && !this.isOther) this.#findOpen(last, now);
    const open = new Set(this.#open);
    const refused = refusedServers(config, unserved());
    const areRefused = refused.size > 0;
    const isKnown = last !== null && !this.isOther && !areRefused && this.#refused.size === 0;
    this.#foreseenAt = { doubts: this.#doubts, areRefused, before: last };
    const evidence = { ...health, isRefused: (real: RealServer) => refused.has(real) };
    const isSame = (virtual: Virtual): boolean => isKnown && !open.has(virtual);
    return yield* decideStandings(config, evidence, overrides(), role(), now, last, atStart, isSame);
  }

  /**
   * What was foreseen counts: its configuration rules. What has become otherwise since then is left open, as far as it is
   * not a matter of everybody.
   */
  adopt(foreseen: Standings): void {
    const { unserved, atStart = () => null } = this.#options;
    unserved().takeChanged();
    this.#refused.clear();
    for (const real of refusedServers(foreseen.config, unserved())) this.#refused.add(real);
    const { before } = this.#foreseenAt;
    let pools: PoolsBefore | null = null;
    this.#pools = (virtual) => {
      pools ??= before === null ? atStart : poolsOf(before, foreseen.config);
      return pools(virtual);
    };
    this.#last = foreseen;
    this.#open.clear();
    this.#askedAnew.clear();
    const { doubts, areRefused } = this.#foreseenAt;
    if (areRefused || this.#refused.size > 0 || doubts !== this.#doubts) this.doubt();
  }

  /**
   * Decides about those that may stand otherwise, some thousand servers at most: `areOpen` is whether more are left. Null
   * where all are to be decided about.
   */
  decideSome(now: number): Revised | null {
    const last = this.#last;
    if (last === null || this.isOther) return null;
    this.#findOpen(last, now);
    const some = someOf(this.#open);
    const revised = this.#revised(last, some, now);
    this.#last = revised.decided;
    for (const virtual of some) {
      this.#open.delete(virtual);
      this.#askedAnew.delete(virtual);
    }
    if (this.#open.size === 0) this.#pools = undefined;
    return revised;
  }

  /** As they would be decided now, but for what a mass of changes leaves open for the moment. */
  at(now: number): Standings {
    const last = this.#last;
    if (last === null || this.isOther) return this.#whole(now);
    this.#findOpen(last, now);
    const isMass = someOf(this.#open).size < this.#open.size;
    return isMass ? last : this.#revised(last, this.#open, now).decided;
  }

  /** As they would be decided now if this were asked, and which virtuals may stand otherwise by that. */
  under(asked: Overrides, now: number): { readonly before: Standings } & Revised {
    const before = this.at(now);
    const { config, role } = before;
    const virtuals = askedAnew(before, asked, now);
    if (virtuals === null) {
      const decided = standings(config, this.#evidence, asked, role, now, before);
      return { before, decided, virtuals: new Set(config.virtuals) };
    }
    const inForce = reviseInForce(before.inForce, virtuals, asked, now);
    const other = { overrides: asked, role, inForce, now };
    return { before, ...reviseStandings(before, virtuals, this.#evidence, other) };
  }

  #whole(now: number): Standings {
    const { config, overrides, role, unserved, atStart } = this.#options;
    const refused = refusedServers(config(), unserved());
    const evidence = { ...this.#evidence, isRefused: (real: RealServer) => refused.has(real) };
    return standings(config(), evidence, overrides(), role(), now, this.#last, atStart);
  }

  /** Notes who may stand otherwise than in `last`. */
  #findOpen(last: Standings, now: number): void {
    const { health, overrides, unserved } = this.#options;
    const { config } = last;
    const places = this.#placesIn(config);
    const others = health.takeChanged === undefined ? null : health.takeChanged();
    if (others === null || now < last.at) this.doubt();
    for (const { virtual, real } of others ?? []) this.#open.add(places.ofFallback(real) ?? virtual);
    for (const key of unserved().takeChanged()) {
      for (const virtual of places.byService(key)) this.#refuse(virtual);
    }
    for (const virtual of movedBy(last, now)) this.#open.add(virtual);
    const asked = overrides();
    const { nextChange } = last.inForce;
    if (asked === last.overrides && now >= last.at && (nextChange === null || now < nextChange)) return;
    for (const virtual of askedAnew(last, asked, now) ?? config.virtuals) {
      this.#open.add(virtual);
      this.#askedAnew.add(virtual);
    }
  }

  #refuse(virtual: Virtual): void {
    for (const real of [...virtual.realServers, ...virtual.fallbacks]) this.#refused.delete(real);
    for (const real of refusedIn(virtual, this.#options.unserved())) this.#refused.add(real);
    this.#open.add(virtual);
  }

  /** `last` with what is so of these virtuals now. */
  #revised(last: Standings, virtuals: ReadonlySet<Virtual>, now: number): Revised {
    const { overrides, role } = this.#options;
    const asked = overrides();
    const others = [...virtuals].filter((virtual) => this.#askedAnew.has(virtual));
    const { nextChange } = last.inForce;
    const isSame = asked === last.overrides && others.length === 0 && (nextChange === null || now < nextChange);
    const inForce = isSame ? last.inForce : reviseInForce(last.inForce, others, asked, now);
    const other = { overrides: asked, role: role(), inForce, now };
    return reviseStandings(last, virtuals, this.#evidence, other, this.#pools);
  }

  #placesIn(config: Config): Places {
    const known = this.#places.get(config) ?? new Places(config);
    this.#places.set(config, known);
    return known;
  }
}

/** As many of them as are decided about in one go, one at least. */
function someOf(virtuals: ReadonlySet<Virtual>): ReadonlySet<Virtual> {
  const some = new Set<Virtual>();
  let servers = 0;
  for (const virtual of virtuals) {
    servers += virtual.realServers.length + 1;
    if (some.size > 0 && servers > mostAtOnce) break;
    some.add(virtual);
  }
  return some;
}
