/**
 * Decides, whenever something may have changed, what becomes of each server, and lets it count: tells what is new in it,
 * wants the table that it asks for, and sleeps until the next change that comes by itself.
 */

import type { Publish } from '../events.js';
import type { Config, RealServer, Virtual } from '../model/config.js';
import { type InForce, nobodyOverridden } from '../model/override.js';
import type { RoleInForce } from '../model/role.js';
import { type VirtualSubject, virtualKey, virtualSubjectOf } from '../model/subject.js';
import type { Overrides } from '../overrides/in-force.js';
import { nothingTold, overrideEvents, type ToldOverrides, toldOf } from '../overrides/told.js';
import { inSlices } from '../slices.js';
import { type Desired, desired, leftOutKeys, type Memory, makeDesired } from './desired.js';
import { Paced } from './paced.js';
import type { Reconciler } from './reconciler.js';
import { refusedServers } from './refused-servers.js';
import { policyEvents, type ToldPolicies, toldPolicies } from './standings/holds.js';
import { type KeptStandings, keptStandings } from './standings/kept.js';
import { lastServersLost } from './standings/last-servers.js';
import type { Evidence } from './standings/standing.js';
import { type PoolsBefore, type Standings, standings } from './standings/standings.js';
import { minimumEvents, type ToldMinimum, toldMinimum } from './standings/told-minimum.js';
import { type ToldVotes, toldVotes, voteEvents } from './standings/told-votes.js';
import { type Use, unservedOf, useOf } from './standings/use.js';

/** Who is up, as checks say or a table that was found. */
export type Health = Pick<Evidence, 'isUp' | 'isVoted' | 'isDecided' | 'policyHoldOf'>;

export interface DecisionsOptions {
  readonly reconciler: Reconciler;
  /** The configuration that rules, who is up in it, and what is asked for its servers, as it stands. */
  readonly config: () => Config;
  readonly health: Health;
  readonly overrides: () => Overrides;
  /** Whether this director is active. */
  readonly role: () => RoleInForce;
  readonly publish: Publish;
  /** Hears of each decision. */
  readonly note: (decided: Standings) => void;
  /** What of the table carries checks alone. */
  readonly paths?: (config: Config) => Desired;
  /** Keys of virtuals of which it was told before that no real server is in use. */
  readonly unused: Iterable<string>;
  /** How pools stood in the run before; without it nobody knows. */
  readonly atStart?: PoolsBefore;
  /** Others are overridden than before. */
  readonly onOverridden?: (inForce: InForce) => void;
  /** A decision that was made on request has been carried out, or is being: a large table takes its time. */
  readonly onDecided: () => void;
}

const noServices: Desired = new Map();
/** Milliseconds; the clock may be set while it is slept, and a timer of Node's takes no more than 31 bits. */
const longestSleep = 3_600_000;

export class Decisions {
  readonly #options: DecisionsOptions;
  /** Results that come together become one plan. */
  readonly #paced = new Paced(async () => {
    // A large table takes longer than the next decision may wait.
    await Promise.race([this.decide(), this.#options.reconciler.begun()]);
  });
  #refused: ReadonlySet<RealServer> = new Set();
  #last: Standings | null = null;
  #told: ToldOverrides = nothingTold;
  #policies: ToldPolicies = new Map();
  /** By the virtual's key. */
  #use: Use;
  /** Virtuals of which it was told that nobody answers their clients, by key. */
  #unserved: ReadonlyMap<string, VirtualSubject> = new Map();
  /** Virtuals of which it was told that they are below their minimum, by key. */
  #below: ToldMinimum = new Map();
  /** Virtuals of which it was told that other directors decide about their servers, by key. */
  #votes: ToldVotes = new Map();
  readonly #wantedBefore: Memory = new WeakMap();
  /** Services that stay, whether the configuration has them or not: as they were wanted last. */
  #staying: Desired = new Map();
  #wake: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: DecisionsOptions) {
    this.#options = options;
    this.#use = new Map([...options.unused].map((key) => [key, false]));
  }

  /** Another configuration rules: tells who is held out in it. `tellUse` and `prepare` come next. */
  takeOver(): void {
    this.#update();
  }

  /** Something may have changed. Returns at once. */
  request(): void {
    this.#paced.request();
  }

  /** Settles when what is wanted now has been gone through. */
  async decide(): Promise<void> {
    const decided = this.#update();
    const wanted = this.wantedFor(decided);
    this.tellUse();
    await this.#options.reconciler.want(wanted, leftOutKeys(decided));
    this.#options.onDecided();
  }

  /** As of now; nothing is told by it. */
  get standings(): Standings {
    return this.#standingsUnder(this.#options.overrides());
  }

  /** Which virtual services would lose their last server, a sentence, if this were asked for; null where none would. */
  objectionTo(asked: Overrides): string | null {
    return lastServersLost(this.standings, this.#standingsUnder(asked));
  }

  #standingsUnder(overrides: Overrides): Standings {
    const { config, health } = this.#options;
    const evidence = { ...health, isRefused: (real: RealServer) => this.#refused.has(real) };
    const { role, atStart } = this.#options;
    return standings(config(), evidence, overrides, role(), Date.now(), this.#last, atStart);
  }

  /** What the next run has to know of the last decision; nothing before the first. */
  get kept(): KeptStandings | null {
    return this.#last && keptStandings(this.#last);
  }

  /** What is asked for servers, as it was told last. */
  get inForce(): InForce {
    return this.#last?.inForce ?? nobodyOverridden;
  }

  /** The table that standings ask for. */
  wantedFor(decided: Standings): Desired {
    const wanted = desired(decided, this.#wantedBefore);
    const paths = this.#options.paths?.(decided.config) ?? noServices;
    return paths.size === 0 && this.#staying.size === 0 ? wanted : new Map([...this.#staying, ...wanted, ...paths]);
  }

  /** What another configuration does not have stays until `letGo`: clients are still led to it. */
  keep(services: Desired): void {
    this.#staying = services;
  }

  letGo(): void {
    if (this.#staying.size === 0) return;
    this.#staying = noServices;
    this.request();
  }

  /** The one that is wanted now. */
  get wanted(): Desired {
    return this.wantedFor(this.standings);
  }

  /** The keys of those of its services that are not in it since the role leaves them out. */
  get leftOut(): ReadonlySet<string> {
    return leftOutKeys(this.#last ?? this.standings);
  }

  /** Thinks of the wanted table in slices, so that `wanted` finds most of it thought of. */
  async prepare(): Promise<void> {
    await inSlices(makeDesired(this.standings, this.#wantedBefore));
  }

  /** Tells which virtuals have lost their last server or got a first one, and of which nobody answers the clients. */
  tellUse(): void {
    const decided = this.#last ?? this.standings;
    const { use, changes } = useOf(decided, this.#use);
    this.#use = use;
    for (const { virtual, inUse } of changes) {
      this.#options.publish({ type: inUse ? 'virtual-up' : 'virtual-down', ...virtualSubjectOf(virtual) });
    }
    this.#tellService(unservedOf(decided, use));
  }

  #tellService(unserved: ReadonlyMap<string, VirtualSubject>): void {
    const { publish } = this.#options;
    for (const [key, subject] of this.#unserved) {
      // Of one that is gone there is nothing to tell.
      if (!unserved.has(key) && this.#use.has(key)) publish({ type: 'virtual-served', ...subject });
    }
    for (const [key, subject] of unserved) {
      if (!this.#unserved.has(key)) publish({ type: 'virtual-unserved', ...subject });
    }
    this.#unserved = unserved;
  }

  /** Whether a real server of the virtual is in use, as was told last. */
  isInUse(virtual: Virtual): boolean {
    return this.#use.get(virtualKey(virtualSubjectOf(virtual))) ?? false;
  }

  /** Whether a fallback answers where that is not so. */
  hasFallback(virtual: Virtual): boolean {
    return this.#last?.serving.has(virtual) ?? false;
  }

  /** Keys of the virtuals that are not. */
  get unused(): string[] {
    return [...this.#use].filter(([, inUse]) => !inUse).map(([key]) => key);
  }

  /** None begins any more. */
  close(): void {
    this.#closed = true;
    this.#paced.close();
    if (this.#wake) clearTimeout(this.#wake);
  }

  /** Decides, and tells who is held out or has another weight now. */
  #update(): Standings {
    const config = this.#options.config();
    this.#refused = refusedServers(config, this.#options.reconciler.unserved);
    const before = this.#last;
    const decided = this.standings;
    this.#last = decided;
    this.#options.note(decided);
    if (decided.inForce !== before?.inForce) {
      const told = toldOf(config, decided.inForce);
      for (const event of overrideEvents(this.#told, told, this.#options.overrides().ending))
        this.#options.publish(event);
      this.#told = told;
      this.#options.onOverridden?.(decided.inForce);
    }
    this.#tellMinimum(decided);
    this.#tellVotes(decided);
    this.#tellPolicies(decided);
    this.#sleepUntil(decided.nextChange);
    return decided;
  }

  #tellPolicies(decided: Standings): void {
    const told = toldPolicies(decided, this.#options.health.policyHoldOf);
    for (const event of policyEvents(this.#policies, told, this.#options.overrides().ending))
      this.#options.publish(event);
    this.#policies = told;
  }

  #tellMinimum(decided: Standings): void {
    const told = toldMinimum(decided);
    for (const event of minimumEvents(this.#below, told)) this.#options.publish(event);
    this.#below = told;
  }

  #tellVotes(decided: Standings): void {
    const told = toldVotes(decided);
    for (const event of voteEvents(this.#votes, told)) this.#options.publish(event);
    this.#votes = told;
  }

  #sleepUntil(at: number | null): void {
    if (this.#wake) clearTimeout(this.#wake);
    this.#wake = null;
    if (at === null || this.#closed) return;
    const wait = Math.min(Math.max(at - Date.now(), 0), longestSleep) + 1;
    this.#wake = setTimeout(() => this.request(), wait).unref();
  }
}
