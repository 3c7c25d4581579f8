/** The health of every real server and every checked fallback in every virtual, kept across changes of the configuration. */

import type { RealServer, Virtual } from '../model/config.js';
import { hasReturnPolicy, type PolicyHold } from '../model/policy-hold.js';
import { isFallback, nameWithin, virtualKey, virtualSubjectOf } from '../model/subject.js';
import type { Judged } from '../probes/probe.js';
import type { Work } from '../slices.js';
import { comeUp, fall, forgive, isOver, type Past, policyHold } from './past.js';
import {
  assumeHealth,
  type Health,
  isSamePolicy,
  judge,
  restingHealth,
  settleHealth,
  startHealth,
  type Transition,
} from './policy.js';
import type { ServerState } from './policy-state.js';

export interface Assigned {
  /** As its checks see it. */
  readonly virtual: Virtual;
  readonly real: RealServer;
  readonly decidedBy: { readonly check: string } | { readonly up: boolean; readonly reason: string };
}

export interface Member extends Assigned {
  readonly health: Health;
}

export interface MemberTransition {
  readonly member: Member;
  readonly transition: Transition;
}

interface Entry extends Assigned {
  health: Health;
  /** Null where nothing in it matters. */
  past: Past | null;
  /** Successes in a row from the run before. */
  risen: number;
}

/** Makes the members as they are by then; `members` are they as they were when they were prepared. */
export type Prepared = (() => Members) & { readonly members: Members };

/** What is known of a server from the run before; undefined where nothing is. */
export type StateBefore = (virtual: Virtual, real: RealServer) => ServerState | undefined;

/** Whether a server that is new stands in the table with a weight. */
export type Stands = (virtual: Virtual, real: RealServer) => boolean;

export class Members {
  readonly #byServer = new Map<RealServer, Entry>();
  /** By the keys of virtuals, and the names of servers in them. */
  readonly #byName = new Map<string, Map<string, Entry>>();
  readonly #byCheck = new Map<string, Entry[]>();
  #changed = new Set<Entry>();

  /** Nobody. */
  static readonly none = new Members();

  private constructor() {}

  /**
   * Work that prepares the members of another configuration, with the health that those of `before` have so far; what it
   * returns makes them, at once, with the one that they have by then. A server known from there keeps its health. One that is new takes over what
   * the same check has decided under another virtual: it is the same question, and has been answered. If a check
   * decides now that has decided nothing yet, its first result decides alone.
   */
  static *prepare(
    servers: readonly Assigned[],
    before: Members,
    stands: Stands,
    stateOf: StateBefore = () => undefined,
  ): Work<Prepared> {
    const members = new Members();
    const inherited: (readonly [Entry, Entry | undefined, readonly Entry[]])[] = [];
    let current: Virtual | null = null;
    let names = new Map<string, Entry>();
    let namesBefore: ReadonlyMap<string, Entry> | undefined;
    for (const assigned of servers) {
      const { virtual, real, decidedBy } = assigned;
      if (virtual !== current) {
        yield;
        current = virtual;
        const name = virtualKey(virtualSubjectOf(virtual));
        namesBefore = before.#byName.get(name);
        names = members.#byName.get(name) ?? new Map();
        members.#byName.set(name, names);
      }
      const name = nameWithin(real);
      const known = namesBefore?.get(name);
      const asked = ('check' in decidedBy && before.#byCheck.get(decidedBy.check)) || none;
      const health = initial(assigned, known, asked, stands);
      const entry: Entry = { virtual, real, decidedBy, health, past: null, risen: 0 };
      if (known === undefined && 'check' in decidedBy) takeState(entry, stateOf(virtual, real));
      if (known && hasReturnPolicy(virtual)) entry.past = known.past;
      if (known || asked.length > 0) inherited.push([entry, known, asked]);
      names.set(name, entry);
      members.#add(entry);
    }
    const inherit = (): Members => {
      for (const [entry, known, asked] of inherited) {
        members.#become(entry, initial(entry, known, asked, stands));
        if (known === undefined) continue;
        const past = hasReturnPolicy(entry.virtual) ? known.past : null;
        if (past !== entry.past) members.#changed.add(entry);
        entry.past = past;
        entry.risen = known.risen;
      }
      return members;
    };
    return Object.assign(inherit, { members });
  }

  #add(entry: Entry): void {
    this.#byServer.set(entry.real, entry);
    if (!('check' in entry.decidedBy)) return;
    const { check } = entry.decidedBy;
    const sharing = this.#byCheck.get(check);
    if (sharing) sharing.push(entry);
    else this.#byCheck.set(check, [entry]);
  }

  healthOf(real: RealServer): Health {
    return this.#byServer.get(real)?.health ?? assumeHealth(false);
  }

  isUp(real: RealServer): boolean {
    return this.#byServer.get(real)?.health.up ?? false;
  }

  /** The virtual service that it is a server of; null where nobody knows it. */
  virtualOf(real: RealServer): Virtual | null {
    return this.#byServer.get(real)?.virtual ?? null;
  }

  /** Whether a result has decided about the server, or it needs none. */
  isDecided(real: RealServer): boolean {
    return this.#byServer.get(real)?.health.decided ?? false;
  }

  /** The check that decides about a server; null where none does. */
  checkOf(real: RealServer): string | null {
    const decidedBy = this.#byServer.get(real)?.decidedBy;
    return decidedBy && 'check' in decidedBy ? decidedBy.check : null;
  }

  /** The checks that a server still waits for. */
  awaited(): Set<string> {
    const waiting = [...this.#byCheck].filter(([, entries]) => entries.some(({ health }) => !health.decided));
    return new Set(waiting.map(([check]) => check));
  }

  /** The checks that decide about fallbacks alone. */
  checksOfFallbacks(): ReadonlySet<string> {
    const found = new Set<string>();
    for (const [check, entries] of this.#byCheck) {
      if (entries.every(({ real }) => isFallback(real))) found.add(check);
    }
    return found;
  }

  /** The checks that decide about servers of such virtuals alone. */
  checksFor(isMeant: (virtual: Virtual) => boolean): ReadonlySet<string> {
    const found = new Set<string>();
    for (const [check, entries] of this.#byCheck) {
      if (entries.every(({ virtual }) => isMeant(virtual))) found.add(check);
    }
    return found;
  }

  /** Of whom something else is known, or their past holds them otherwise, than when this was last asked. */
  takeChanged(): Iterable<Member> {
    const changed = this.#changed;
    if (changed.size > 0) this.#changed = new Set();
    return changed;
  }

  /** What these checks have said is old: the next result of each decides alone, as of a new one, and until then it counts. */
  doubt(checks: ReadonlySet<string>): void {
    for (const check of checks) {
      for (const entry of this.#byCheck.get(check) ?? []) {
        this.#become(entry, { ...entry.health, decided: false, failures: 0, successes: 0 });
      }
    }
  }

  #become(entry: Entry, health: Health): void {
    if (entry.health.up !== health.up || entry.health.decided !== health.decided) this.#changed.add(entry);
    entry.health = health;
  }

  /** The servers that a check decides about. */
  decidedBy(check: string): readonly Member[] {
    return this.#byCheck.get(check) ?? [];
  }

  /**
   * The checks that decide about none but these servers, which nobody is to ask. What was known of them is old by the
   * time when they are asked again.
   */
  rest(servers: ReadonlySet<RealServer>): ReadonlySet<string> {
    const resting = new Set<string>();
    for (const real of servers) {
      const check = this.checkOf(real);
      if (check === null || !this.decidedBy(check).every((member) => servers.has(member.real))) continue;
      resting.add(check);
      for (const entry of this.#byCheck.get(check) ?? []) this.#become(entry, restingHealth);
    }
    return resting;
  }

  /** What keeps a server out of use whose checks pass; `now` in milliseconds since 1970. */
  policyHoldOf(real: RealServer, now: number): PolicyHold | null {
    const entry = this.#byServer.get(real);
    return entry === undefined || entry.past === null ? null : policyHold(entry.past, entry.virtual, now);
  }

  /**
   * Somebody has looked at a server: its falls count no more or, with `all`, nothing of its past does. Returns whether
   * that held it out.
   */
  forgive(real: RealServer, what: 'damping' | 'all', now: number): boolean {
    const entry = this.#byServer.get(real);
    if (entry === undefined || entry.past === null) return false;
    const { awaitsUndrain, heldUntil } = entry.past;
    entry.past = forgive(entry.past, what, now);
    this.#changed.add(entry);
    return (what === 'all' && awaitsUndrain) || heldUntil > now;
  }

  /** What the next run has to know of servers; `now` in milliseconds since 1970. */
  *states(now: number): Generator<readonly [Assigned, ServerState]> {
    for (const entry of this.#byServer.values()) {
      const { virtual, health, past } = entry;
      const hasPast = past !== null && !isOver(past, virtual, now);
      const hasToRise = virtual.risecount > 1 && health.decided && !health.up;
      if (!hasPast && !hasToRise) continue;
      yield [entry, { ...(hasPast && { past }), ...(hasToRise && { risen: health.successes }) }];
    }
  }

  /** Judges a result for every server that the check decides about; `now` in milliseconds since 1970. */
  record(check: string, result: Judged, now: number): MemberTransition[] {
    return [...this.judge(check, result, now)].flatMap(({ member, transition }) =>
      transition === null ? [] : [{ member, transition }],
    );
  }

  /** The same one by one, as far as it is gone on with: one check can decide about thousands. */
  *judge(
    check: string,
    result: Judged,
    now: number,
  ): Generator<{ readonly member: Member; readonly transition: Transition | null }, undefined> {
    for (const entry of this.#byCheck.get(check) ?? []) {
      const { health, transition } = judge(entry.health, countOn(entry, result), entry.virtual);
      if (transition !== null && hasReturnPolicy(entry.virtual)) {
        entry.past = pastAfter(entry, transition, now);
        this.#changed.add(entry);
      }
      this.#become(entry, health);
      yield { member: entry, transition };
    }
  }
}

function takeState(entry: Entry, state: ServerState | undefined): void {
  if (state === undefined) return;
  if (state.past !== undefined && hasReturnPolicy(entry.virtual)) entry.past = state.past;
  if (state.risen === undefined || entry.virtual.risecount === 1) return;
  entry.risen = state.risen;
  entry.health = { ...entry.health, up: false, decided: true, successes: state.risen };
}

/** Successes of the run before count on, until a check fails. */
function countOn(entry: Entry, result: Judged): Judged {
  if (entry.risen === 0 || result.ok === null) return result;
  if (!result.ok || entry.health.up) entry.risen = 0;
  return { ...result, streak: result.ok ? result.streak + entry.risen : result.streak };
}

function pastAfter({ virtual, health, past }: Entry, transition: Transition, now: number): Past | null {
  if (transition !== 'down' && (past === null || transition !== 'up')) return past;
  const after = transition === 'down' ? fall(past, health.up, virtual, now) : past && comeUp(past, now);
  return after === null || isOver(after, virtual, now) ? null : after;
}

const none: readonly Entry[] = [];

/** `asked` are those that the same check decided about before. */
function initial(
  { virtual, real, decidedBy }: Assigned,
  known: Entry | undefined,
  asked: readonly Entry[],
  stands: Stands,
): Health {
  if (!('check' in decidedBy)) return settleHealth(decidedBy.up, decidedBy.reason);
  if (known !== undefined && 'check' in known.decidedBy && known.decidedBy.check === decidedBy.check) {
    return known.health;
  }
  const decided = decidedAmong(asked, virtual);
  if (decided !== null) return decided.health;
  return known === undefined
    ? startHealth(virtual, () => stands(virtual, real))
    : { ...known.health, decided: false, failures: 0, successes: 0 };
}

/** The one that counts failures as this virtual does comes first: the others can differ in when they give a server up. */
function decidedAmong(asked: readonly Entry[], policy: Virtual): Entry | null {
  const decided = asked.filter(({ health }) => health.decided);
  return decided.find(({ virtual }) => isSamePolicy(virtual, policy)) ?? decided[0] ?? null;
}
