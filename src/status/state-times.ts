/** Since when each server is in the state that it is in, and since when its checks say what they say. */

import type { Config, RealServer, Virtual } from '../model/config.js';
import { type Hold, isDrained } from '../model/override.js';
import { keyOfVirtual, nameWithin } from '../model/subject.js';
import { type Standing, standAs } from '../reconcile/standings/standing.js';
import type { Standings } from '../reconcile/standings/standings.js';
import type { Work } from '../slices.js';
import { type ServerState, serverStates } from './model.js';
import { stateOf } from './server-state.js';

/** What checks have made of the servers. */
export interface Checked {
  isUp(real: RealServer): boolean;
  /** Whether a check has decided that, or none is needed. */
  isDecided(real: RealServer): boolean;
}

/** What is remembered of a server from one run to the next: how it was and what its checks said last, and since when. */
export interface Remembered {
  readonly state: ServerState;
  readonly since: number;
  /** `unknown` where they have said nothing. */
  readonly health: ServerState;
  readonly healthSince: number;
}

/** In milliseconds since 1970. */
export interface Since {
  readonly state: number;
  /** When its checks last changed their mind; when they were first asked where they have said nothing yet. */
  readonly health: number;
}

const unknown = serverStates.indexOf('unknown');

/**
 * What is known of each server: the state that it is in; the last one that was not `unknown`, since that nothing is known
 * yet, as after a restart, is no end of how it was; and `up` or `down` as its checks said last. Of each since when.
 */
const [current, settled, checked] = [0, 1, 2];
const facts = 3;

/**
 * Of the servers of a virtual, as `serversOf` gives them: in arrays, since there may be tens of thousands, and in few of
 * them, since there may be as many virtuals.
 */
class Times {
  /** Of each server a state for each fact, and when it began in milliseconds since 1970. */
  readonly #states: Uint8Array;
  readonly #since: Float64Array;
  /** Those that are to be remembered otherwise than when that was last asked: 1, and whether there are any. */
  readonly changed: Uint8Array;
  hasChanged = false;

  constructor(servers: number) {
    this.#states = new Uint8Array(servers * facts).fill(unknown);
    this.#since = new Float64Array(servers * facts);
    this.changed = new Uint8Array(servers);
  }

  note(index: number, state: ServerState, up: boolean | null, now: number): void {
    const [states, since, at] = [this.#states, this.#since, index * facts];
    const code = serverStates.indexOf(state);
    if (since[at + current] === 0 || code !== states[at + current]) {
      if (code !== unknown && code !== states[at + settled]) {
        this.#set(index, settled, code, now);
        this.#markChanged(index);
      }
      this.#set(index, current, code, code === unknown ? now : (since[at + settled] ?? now));
    }
    const said = up === null ? unknown : serverStates.indexOf(up ? 'up' : 'down');
    if (since[at + checked] !== 0 && (said === unknown || said === states[at + checked])) return;
    this.#set(index, checked, said, now);
    if (said !== unknown) this.#markChanged(index);
  }

  #set(index: number, fact: number, state: number, since: number): void {
    this.#states[index * facts + fact] = state;
    this.#since[index * facts + fact] = since;
  }

  #markChanged(index: number): void {
    this.changed[index] = 1;
    this.hasChanged = true;
  }

  /** Null where there is no such server. */
  of(index: number): Since | null {
    const [state, health] = [this.#since[index * facts + current], this.#since[index * facts + checked]];
    return state === undefined || health === undefined ? null : { state, health };
  }

  /** Null where nothing is known that is worth it. */
  remembered(index: number): Remembered | null {
    const at = index * facts;
    const [state, health] = [settled, checked].map((fact) => serverStates[this.#states[at + fact] ?? unknown]);
    if (state === undefined || health === undefined || state === 'unknown') return null;
    return { state, since: this.#since[at + settled] ?? 0, health, healthSince: this.#since[at + checked] ?? 0 };
  }

  recall(index: number, { state, since, health, healthSince }: Remembered): void {
    this.#set(index, settled, serverStates.indexOf(state), since);
    this.#set(index, checked, serverStates.indexOf(health), healthSince);
  }

  copyFrom(before: Times, from: number, to: number): void {
    for (let fact = 0; fact < facts; fact += 1) {
      const at = from * facts + fact;
      this.#set(to, fact, before.#states[at] ?? unknown, before.#since[at] ?? 0);
    }
    if (before.changed[from] === 1) this.#markChanged(to);
  }
}

export class StateTimes {
  #last: Standings | null = null;
  /** Whose virtuals there are times of. */
  #config: Config | null = null;
  readonly #of = new Map<Virtual, Times>();
  /** How often all virtuals are being noted: not all of the last standings are yet. */
  #areNoted = 0;
  /** Of a run before, by server; until all of a first configuration are noted. */
  #before: ReadonlyMap<string, Remembered> = new Map();

  /** How servers were in the run before. To be called before anything is noted. */
  recall(before: ReadonlyMap<string, Remembered>): void {
    this.#before = before;
  }

  /** How servers are, by a text for each: those that are to be remembered otherwise than the last time, or all. */
  *remembered(which: 'changed' | 'all'): Work<ReadonlyMap<string, Remembered>> {
    // A run that ends before anything is known of its own must not take the memory of the one before along.
    const found = new Map<string, Remembered>(which === 'all' ? this.#before : []);
    for (const [virtual, times] of this.#of) {
      if (which === 'changed' && !times.hasChanged) continue;
      // What changes while this goes on is marked once more.
      times.hasChanged = false;
      for (const [index, server] of serversOf(virtual).entries()) {
        if (which === 'changed' && times.changed[index] === 0) continue;
        times.changed[index] = 0;
        const remembered = times.remembered(index);
        if (remembered !== null) found.set(keyOf(virtual, server), remembered);
        yield;
      }
    }
    return found;
  }

  /**
   * To be told of each decision, with the virtuals that it is about or all, and before anybody looks. `now` in milliseconds since
   * 1970. A server that a configuration names again, in the same virtual, goes on as it was.
   */
  note(decided: Standings, checked: Checked, now: number, virtuals: Iterable<Virtual> = decided.config.virtuals): void {
    const before = this.#comparableTo(decided);
    this.#takeOver(decided.config);
    for (const virtual of virtuals) this.#noteOne(virtual, decided, before?.of.get(virtual), checked, now);
    if (virtuals === decided.config.virtuals) this.#before = new Map();
    this.#last = decided;
  }

  /** The standings before where those of them that stay are noted as they are; otherwise null. */
  #comparableTo({ inForce }: Standings): Standings | null {
    const before = this.#last;
    if (before === null || this.#areNoted > 0) return null;
    const isUnchanged = inForce === before.inForce || (inForce.held.size === 0 && before.inForce.held.size === 0);
    return isUnchanged ? before : null;
  }

  #noteOne(
    virtual: Virtual,
    { of, inForce: { held } }: Standings,
    last: readonly Standing[] | undefined,
    checked: Checked,
    now: number,
  ): void {
    const own = of.get(virtual);
    if (own === undefined) return;
    const times = this.#of.get(virtual) ?? this.#begin(virtual);
    for (const [index, standing] of own.entries()) {
      const real = virtual.realServers[index];
      if (real === undefined) continue;
      const hold = held.size === 0 ? undefined : held.get(real);
      // Of others than these the standing tells what their checks say.
      if (standing === last?.[index] && hold === undefined && standing.by === null) continue;
      const [up, isDecided] = [checked.isUp(real), checked.isDecided(real)];
      times.note(index, stateFor(standing, up, isDecided, hold), isDecided ? up : null, now);
    }
    if (!virtual.fallbackcheck) return;
    for (const [index, fallback] of virtual.fallbacks.entries()) {
      const [up, isDecided] = [checked.isUp(fallback), checked.isDecided(fallback)];
      const state = stateFor(asChecked, up, isDecided, undefined);
      times.note(virtual.realServers.length + index, state, isDecided ? up : null, now);
    }
  }

  /**
   * The same of all virtuals, little by little when the work is done, by the standings that were noted last: others may be
   * noted meanwhile. Ends where another configuration is.
   */
  noteAll(decided: Standings, checked: Checked): Work<void> {
    const before = this.#comparableTo(decided);
    this.#last = decided;
    this.#areNoted += 1;
    return this.#noteEach(before, decided, checked);
  }

  *#noteEach(before: Standings | null, decided: Standings, checked: Checked): Work<void> {
    if (this.#last?.config === decided.config) this.#takeOver(decided.config);
    for (const virtual of decided.config.virtuals) {
      const standings: Standings | null = this.#last;
      if (standings?.config !== decided.config) break;
      this.#noteOne(virtual, standings, before?.of.get(virtual), checked, Date.now());
      yield;
    }
    this.#areNoted -= 1;
    if (this.#config === decided.config) this.#before = new Map();
  }

  /** Of the first configuration that rules, each when it is noted. */
  #begin(virtual: Virtual): Times {
    const times = timesOf(virtual, undefined, undefined, new Set(), this.#before);
    this.#of.set(virtual, times);
    return times;
  }

  #takeOver(config: Config): void {
    if (config === this.#config) return;
    const isFirst = this.#config === null;
    this.#config = config;
    if (isFirst) return;
    // Most are the same objects.
    const others = config.virtuals.filter((virtual) => !this.#of.has(virtual));
    const gone = this.#without(config, others.length);
    const earlier = new Map([...gone.keys()].map((virtual) => [keyOfVirtual(virtual), virtual]));
    const taken = new Set<Times>();
    for (const virtual of others) {
      const was = earlier.get(keyOfVirtual(virtual));
      this.#of.set(virtual, timesOf(virtual, was, was && gone.get(was), taken, this.#before));
    }
    this.#before = new Map();
  }

  /** Takes out what is of virtuals that are not in it, where so many are new in it. */
  #without({ virtuals }: Config, others: number): ReadonlyMap<Virtual, Times> {
    const gone = new Map<Virtual, Times>();
    if (this.#of.size + others === virtuals.length) return gone;
    const present = new Set(virtuals);
    for (const [virtual, times] of this.#of) if (!present.has(virtual)) gone.set(virtual, times);
    for (const virtual of gone.keys()) this.#of.delete(virtual);
    return gone;
  }

  /** Null where nothing was noted of the server at this place, the fallbacks' being after those of the real servers. */
  of(virtual: Virtual, index: number): Since | null {
    return this.#of.get(virtual)?.of(index) ?? null;
  }
}

/** Of a fallback: nothing but its checks decides about it. */
const asChecked = standAs('out', 0, true);

function serversOf({ realServers, fallbacks }: Virtual): readonly RealServer[] {
  return [...realServers, ...fallbacks];
}

function keyOf(virtual: Virtual, server: RealServer): string {
  return `${keyOfVirtual(virtual)} ${nameWithin(server)}`;
}

/** `hold` is what people, schedules or its agent ask for it. */
export function stateFor({ place, by }: Standing, up: boolean, decided: boolean, hold: Hold | undefined): ServerState {
  const isBeyondChecks = by === 'minimum' || by === 'vote';
  // By a policy of the file, though its checks pass.
  const isKeptOut = up && by !== null && !isBeyondChecks;
  const held = isDrained(hold) ? 'drained' : hold !== undefined || isKeptOut ? 'held' : null;
  return stateOf({ up, decided, hold: held, isBeyondChecks, inUse: place === 'in use' });
}

function haveSameServers(one: Virtual, other: Virtual): boolean {
  return areSame(one.realServers, other.realServers) && areSame(one.fallbacks, other.fallbacks);
}

/** By their names, and without a text for each of a hundred thousand. */
function areSame(some: readonly RealServer[], others: readonly RealServer[]): boolean {
  if (some.length !== others.length) return false;
  return some.every(({ host, port }, index) => {
    const other = others[index];
    return host.name === other?.host.name && host.address === other.host.address && port === other.port;
  });
}

/**
 * Of one virtual, with what is known from before, when it `was` another object; `taken` are the times that went to others of
 * the same key.
 */
function timesOf(
  virtual: Virtual,
  was: Virtual | undefined,
  before: Times | undefined,
  taken: Set<Times>,
  remembered: ReadonlyMap<string, Remembered>,
): Times {
  // Most have the servers that they had: nothing is made anew for them.
  if (was !== undefined && before !== undefined && !taken.has(before) && haveSameServers(was, virtual)) {
    taken.add(before);
    return before;
  }
  const servers = serversOf(virtual);
  const times = new Times(servers.length);
  for (const [index, server] of remembered.size === 0 ? [] : servers.entries()) {
    const found = remembered.get(keyOf(virtual, server));
    if (found) times.recall(index, found);
  }
  if (was === undefined || before === undefined) return times;
  const places = new Map(serversOf(was).map((server, index) => [nameWithin(server), index]));
  for (const [index, server] of servers.entries()) {
    const from = places.get(nameWithin(server));
    if (from !== undefined) times.copyFrom(before, from, index);
  }
  return times;
}
