/**
 * Decides, whenever something may have changed, what becomes of each server, and lets it count: tells what is new in it,
 * wants the table that it asks for, and sleeps until the next change that comes by itself.
 */

import { setImmediate } from 'node:timers/promises';
import type { Config, Virtual } from '../model/config.js';
import { type InForce, nobodyOverridden } from '../model/override.js';
import type { Ending, Overrides } from '../overrides/in-force.js';
import { inSlices, type Work } from '../slices.js';
import { CurrentStandings, type CurrentStandingsOptions, type Health } from './current-standings.js';
import { type Desired, type DesiredEntry, leftOutKeys } from './desired.js';
import { Paced } from './paced.js';
import type { Reconciler } from './reconciler.js';
import { type KeptStandings, keptStandings } from './standings/kept.js';
import { lastServersLost } from './standings/last-servers.js';
import type { Standings } from './standings/standings.js';
import { findKin, withKin } from './standings/use.js';
import { Telling, type TellingOptions } from './telling.js';
import { WantedTable } from './wanted-table.js';

export type { Health } from './current-standings.js';

export interface DecisionsOptions
  extends Omit<CurrentStandingsOptions, 'unserved'>,
    Omit<TellingOptions, 'policyHoldOf'> {
  readonly reconciler: Reconciler;
  /** Hears of each decision, and about which virtuals it is. */
  readonly note: (decided: Standings, virtuals: Iterable<Virtual>) => void;
  /** What of the table carries checks alone. */
  readonly paths?: (config: Config) => Desired;
  /** A decision that was made on request has been carried out, or is being: a large table takes its time. */
  readonly onDecided: () => void;
}

const noServices: Desired = new Map();
/** Milliseconds; the clock may be set while it is slept, and a timer of Node's takes no more than 31 bits. */
const longestSleep = 3_600_000;

export class Decisions {
  readonly #options: DecisionsOptions;
  readonly #current: CurrentStandings;
  /** Results that come together become one plan. */
  readonly #paced = new Paced(async () => {
    const { ending } = this.#options.overrides();
    while (this.#decideSome(ending) && !this.#closed) await setImmediate();
    // A large table takes longer than the next decision may wait.
    await Promise.race([this.#want(), this.#options.reconciler.begun()]);
  });
  readonly #telling: Telling;
  readonly #table = new WantedTable();
  /** Keys of services that may be wanted otherwise than the reconciler knows; null is any. */
  #changed: Set<string> | null = null;
  #wake: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: DecisionsOptions) {
    this.#options = options;
    this.#current = new CurrentStandings({ ...options, unserved: () => options.reconciler.unserved });
    this.#telling = new Telling({ ...options, policyHoldOf: options.health.policyHoldOf });
  }

  /** Decides about all as another configuration would find them, before it rules; in slices. */
  foresee(config: Config, health: Health): Promise<Standings> {
    return inSlices(this.#foresee(config, health));
  }

  *#foresee(config: Config, health: Health): Work<Standings> {
    // So that who decides about some of them has not to look through all.
    yield* findKin(config);
    return yield* this.#current.foresee(config, health, Date.now());
  }

  /**
   * Another configuration rules: tells who is held out in it. `tellUse` and `prepare` come next. What was `foreseen` of it
   * counts, with what has become otherwise since then.
   */
  takeOver(foreseen: Standings): void {
    const before = this.#last;
    this.#current.adopt(foreseen);
    do this.#current.decideSome(Date.now());
    while (this.#current.areOpen);
    this.#tellAll(before, this.#last ?? foreseen);
  }

  /** Something may have changed. Returns at once. */
  request(): void {
    this.#paced.request();
  }

  /** Something about any server may have: how others see them, say. Returns at once. */
  requestAll(): void {
    this.#current.doubt();
    this.request();
  }

  /** Settles when what is wanted now has been gone through. */
  async decide(): Promise<void> {
    const { ending } = this.#options.overrides();
    // Some thousand servers at a time, of which the first ones at once.
    while (this.#decideSome(ending) && !this.#closed) await setImmediate();
    await this.#want();
  }

  /** As of now, but for what a mass of changes leaves open for the moment; nothing is told by it. */
  get standings(): Standings {
    return this.#current.at(Date.now());
  }

  /** Which virtual services would lose their last server, a sentence, if this were asked for; null where none would. */
  objectionTo(asked: Overrides): string | null {
    const { before, decided, virtuals } = this.#current.under(asked, Date.now());
    return lastServersLost(before, decided, withKin(before.config, virtuals));
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
    return this.#table.under(decided, this.#pathsOf(decided.config));
  }

  /** The same of one service, which is that of a virtual; undefined where it has no place in it. */
  wantedAt(decided: Standings, key: string, virtual: Virtual): DesiredEntry | undefined {
    return this.#table.entryUnder(decided, key, virtual, this.#pathsOf(decided.config));
  }

  /** What another configuration does not have stays until `letGo`: clients are still led to it. */
  keep(services: Desired): void {
    this.#table.staying = services;
    this.#changed = null;
  }

  letGo(): void {
    if (!this.#table.isAnyStaying) return;
    this.keep(noServices);
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
    await this.#table.prepare(this.standings);
    this.#takeTable();
  }

  /** Tells which virtuals have lost their last server or got a first one, and of which nobody answers the clients. */
  tellUse(): void {
    this.#telling.tellUse(this.#last ?? this.standings);
  }

  /** Whether a real server of the virtual is in use, as was told last. */
  isInUse(virtual: Virtual): boolean {
    return this.#telling.isInUse(virtual);
  }

  /** Whether a fallback answers where that is not so. */
  hasFallback(virtual: Virtual): boolean {
    return this.#last?.serving.has(virtual) ?? false;
  }

  /** Keys of the virtuals that are not. */
  get unused(): string[] {
    return this.#telling.unused;
  }

  /** None begins any more. */
  close(): void {
    this.#closed = true;
    this.#paced.close();
    if (this.#wake) clearTimeout(this.#wake);
  }

  async #want(): Promise<void> {
    const decided = this.#last;
    if (decided === null) return;
    const changed = this.#changed;
    this.#changed = new Set();
    await this.#options.reconciler.want(this.#table.table, leftOutKeys(decided), changed);
    this.#options.onDecided();
  }

  /** Gives whether more is left. */
  #decideSome(ending: Ending | null): boolean {
    const last = this.#last;
    const revised = this.#current.decideSome(Date.now());
    if (last === null || revised === null) {
      this.#decideAnew();
      this.tellUse();
      this.#takeTable();
      return false;
    }
    const { decided, virtuals } = revised;
    this.#options.note(decided, virtuals);
    this.#telling.tell(withKin(decided.config, virtuals), last, decided, ending);
    const keys = this.#table.revise(decided, virtuals, this.#pathsOf(decided.config));
    if (keys === null) this.#changed = null;
    else for (const key of this.#changed === null ? [] : keys) this.#changed?.add(key);
    this.#sleepUntil(decided.nextChange);
    return this.#current.areOpen;
  }

  /** What is wanted by the last decision, whatever was wanted before. */
  #takeTable(): void {
    const decided = this.#last;
    if (decided !== null) this.#table.take(decided, this.#pathsOf(decided.config));
    this.#changed = null;
  }

  get #last(): Standings | null {
    return this.#current.last;
  }

  /** Decides about all, and tells who is held out or has another weight now. */
  #decideAnew(): void {
    const before = this.#last;
    this.#tellAll(before, this.#current.decideAnew(Date.now()));
  }

  #tellAll(before: Standings | null, decided: Standings): void {
    this.#options.note(decided, decided.config.virtuals);
    this.#telling.tellAll(before, decided);
    this.#sleepUntil(decided.nextChange);
  }

  #pathsOf(config: Config): Desired {
    return this.#options.paths?.(config) ?? noServices;
  }

  #sleepUntil(at: number | null): void {
    if (this.#wake) clearTimeout(this.#wake);
    this.#wake = null;
    if (at === null || this.#closed) return;
    const wait = Math.min(Math.max(at - Date.now(), 0), longestSleep) + 1;
    this.#wake = setTimeout(() => this.request(), wait).unref();
  }
}
