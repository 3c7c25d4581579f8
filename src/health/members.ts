/** The health of every real server and every checked fallback in every virtual, kept across changes of the configuration. */

import type { RealServer, Virtual } from '../model/config.js';
import { hasReturnPolicy, type PolicyHold } from '../model/policy-hold.js';
import { isFallback, keyOfVirtual, nameWithin } from '../model/subject.js';
import type { Judged } from '../probes/probe.js';
import type { Work } from '../slices.js';
import { type Assigned, Draft, type Entry, listed, nobody, type Tables } from './member-tables.js';
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

export type { Assigned } from './member-tables.js';

export interface Member extends Assigned {
  readonly health: Health;
}

export interface MemberTransition {
  readonly member: Member;
  readonly transition: Transition;
}

interface Judgement {
  readonly member: Member;
  readonly transition: Transition | null;
  /** Whether nothing had decided about it before. */
  readonly isFirst: boolean;
}

/** Makes the members as they are by then; `members` are they as they were when they were prepared. */
export type Prepared = (() => Members) & { readonly members: Members };

/** What is known of a server from the run before; undefined where nothing is. */
export type StateBefore = (virtual: Virtual, real: RealServer) => ServerState | undefined;

/** Whether a server that is new stands in the table with a weight. */
export type Stands = (virtual: Virtual, real: RealServer) => boolean;

export class Members {
  readonly #byServer: ReadonlyMap<RealServer, Entry>;
  /** By the keys of virtuals. */
  readonly #byVirtual: ReadonlyMap<string, readonly Entry[]>;
  /** Of most checks there is one: in no array, since there may be a hundred thousand. */
  readonly #byCheck: ReadonlyMap<string, Entry | readonly Entry[]>;
  /** Those that are fallbacks. */
  readonly #fallbacks: ReadonlySet<Entry>;
  /** The keys of virtuals whose servers can have a past that counts. */
  readonly #policed: ReadonlySet<string>;
  /** Those about which nothing is decided. */
  readonly #undecided: Set<Entry>;
  #changed = new Set<Entry>();
  /** Of all members that have servers in common. */
  readonly #changes: { count: number };

  /** Nobody. */
  static readonly none = new Members(new Draft(null), { count: 0 }, new Set());

  private constructor(
    { byServer, byVirtual, byCheck, fallbacks, policed }: Draft,
    changes: { count: number },
    undecided: Set<Entry>,
  ) {
    this.#byServer = byServer.all;
    this.#byVirtual = byVirtual.all;
    this.#byCheck = byCheck.all;
    this.#fallbacks = fallbacks;
    this.#policed = policed;
    this.#changes = changes;
    this.#undecided = undecided;
  }

  /**
   * Work that prepares the members of another configuration, with the health that those of `before` have so far; what it
   * returns makes them, at once, with the one that they have by then. A server known from there keeps its health. One that is new takes over what
   * the same check has decided under another virtual: it is the same question, and has been answered. If a check
   * decides now that has decided nothing yet, its first result decides alone. Where the keys of `others` are given, it is
   * the servers of these virtuals alone that are other ones, or gone; all others are in common with those before.
   */
  static *prepare(
    servers: readonly Assigned[],
    before: Members,
    stands: Stands,
    stateOf: StateBefore = () => undefined,
    others: ReadonlySet<string> | null = null,
  ): Work<Prepared> {
    const begun = before.#changes.count;
    const draft = new Draft(others === null ? null : before.#tables);
    for (const key of others ?? []) draft.removeAll(key);
    const undecided = new Set<Entry>();
    const inherited: (readonly [Entry, Entry | undefined, readonly Entry[]])[] = [];
    let current: Virtual | null = null;
    let list: Entry[] = [];
    let namesBefore: ReadonlyMap<string, Entry> = new Map();
    for (const assigned of servers) {
      const { virtual, real, decidedBy } = assigned;
      if (virtual !== current) {
        yield;
        current = virtual;
        const key = keyOfVirtual(virtual);
        namesBefore = new Map((before.#byVirtual.get(key) ?? nobody).map((entry) => [nameWithin(entry.real), entry]));
        list = draft.listOf(key, virtual);
      }
      const known = namesBefore.size === 0 ? undefined : namesBefore.get(nameWithin(real));
      const asked = 'check' in decidedBy ? listed(before.#byCheck.get(decidedBy.check)) : nobody;
      const health = initial(assigned, known, asked, stands);
      const entry: Entry = { virtual, real, decidedBy, health, past: null, risen: 0, changedAt: 0 };
      if (known === undefined && 'check' in decidedBy) takeState(entry, stateOf(virtual, real));
      if (known && hasReturnPolicy(virtual)) entry.past = known.past;
      if (known || asked.length > 0) inherited.push([entry, known, asked]);
      if (!entry.health.decided) undecided.add(entry);
      list.push(entry);
      draft.add(entry);
    }
    const members = new Members(draft, others === null ? { count: 0 } : before.#changes, undecided);
    const inherit = (): Members => {
      const hasCommon = others !== null && members.#changes.count > begun;
      for (const entry of hasCommon ? members.#byServer.values() : nobody) {
        if (entry.changedAt > begun) members.#changed.add(entry);
      }
      for (const entry of others === null ? nobody : before.#undecided) {
        if (members.#byServer.get(entry.real) === entry) members.#undecided.add(entry);
      }
      for (const [entry, known, asked] of inherited) {
        members.#become(entry, initial(entry, known, asked, stands));
        if (known === undefined) continue;
        const past = hasReturnPolicy(entry.virtual) ? known.past : null;
        if (past !== entry.past) members.#note(entry);
        entry.past = past;
        entry.risen = known.risen;
      }
      return members;
    };
    return Object.assign(inherit, { members });
  }

  get #tables(): Tables {
    const [byServer, byVirtual, byCheck] = [this.#byServer, this.#byVirtual, this.#byCheck];
    return { byServer, byVirtual, byCheck, fallbacks: this.#fallbacks, policed: this.#policed };
  }

  #decidedBy(check: string): readonly Entry[] {
    return listed(this.#byCheck.get(check));
  }

  /** Something that others go by is otherwise. */
  #note(entry: Entry): void {
    this.#changed.add(entry);
    this.#changes.count += 1;
    entry.changedAt = this.#changes.count;
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
    const waiting = new Set<string>();
    for (const { decidedBy } of this.#undecided) if ('check' in decidedBy) waiting.add(decidedBy.check);
    return waiting;
  }

  /** The checks that decide about fallbacks alone. */
  checksOfFallbacks(): ReadonlySet<string> {
    const found = new Set<string>();
    for (const { decidedBy } of this.#fallbacks) {
      if (!('check' in decidedBy) || found.has(decidedBy.check)) continue;
      if (this.#decidedBy(decidedBy.check).every(({ real }) => isFallback(real))) found.add(decidedBy.check);
    }
    return found;
  }

  /** The checks that decide about servers of such virtuals alone. */
  checksFor(isMeant: (virtual: Virtual) => boolean): ReadonlySet<string> {
    return this.#checksOf(({ virtual }) => isMeant(virtual));
  }

  /** Those that decide about such servers alone. */
  #checksOf(isMeant: (entry: Entry) => boolean): ReadonlySet<string> {
    const found = new Set<string>();
    for (const [check, entries] of this.#byCheck) {
      if ('real' in entries ? isMeant(entries) : entries.every(isMeant)) found.add(check);
    }
    return found;
  }

  /** The servers of the virtual services with this key. */
  inVirtual(key: string): readonly Member[] {
    return this.#byVirtual.get(key) ?? nobody;
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
      for (const entry of this.#decidedBy(check)) {
        this.#become(entry, { ...entry.health, decided: false, failures: 0, successes: 0 });
      }
    }
  }

  #become(entry: Entry, health: Health): void {
    if (entry.health.up !== health.up || entry.health.decided !== health.decided) this.#note(entry);
    entry.health = health;
    if (!health.decided) this.#undecided.add(entry);
    else if (this.#undecided.size > 0) this.#undecided.delete(entry);
  }

  /** The servers that a check decides about. */
  decidedBy(check: string): readonly Member[] {
    return this.#decidedBy(check);
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
      for (const entry of this.#decidedBy(check)) this.#become(entry, restingHealth);
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
    this.#note(entry);
    return (what === 'all' && awaitsUndrain) || heldUntil > now;
  }

  /** Those of whom the next run may have to know something: of most virtuals nobody. */
  *#withPast(): Generator<Entry, undefined> {
    for (const key of this.#policed) {
      for (const entry of this.#byVirtual.get(key) ?? nobody) {
        if (entry.past !== null || entry.virtual.risecount > 1) yield entry;
      }
    }
  }

  /** What the next run has to know of servers; `now` in milliseconds since 1970. */
  *states(now: number): Generator<readonly [Assigned, ServerState]> {
    for (const entry of this.#withPast()) {
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
  *judge(check: string, result: Judged, now: number): Generator<Judgement, undefined> {
    for (const entry of this.#decidedBy(check)) {
      const isFirst = !entry.health.decided;
      const { health, transition } = judge(entry.health, countOn(entry, result), entry.virtual);
      if (transition !== null && hasReturnPolicy(entry.virtual)) {
        entry.past = pastAfter(entry, transition, now);
        this.#note(entry);
      }
      this.#become(entry, health);
      yield { member: entry, transition, isFirst };
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
