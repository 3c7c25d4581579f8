/**
 * Random histories of results, drains, other lists of servers and sudden deaths of the director, against a small model
 * that is written another way: from what the manual says, with one object a server.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assign } from '../../../src/checks/assignment.js';
import { Members } from '../../../src/health/members.js';
import { streakAfter } from '../../../src/health/policy.js';
import { noPolicyState, readPolicyState, writePolicyState } from '../../../src/health/policy-state.js';
import type { Config, RealServer, Virtual } from '../../../src/model/config.js';
import { unknownOrigin } from '../../../src/model/origin.js';
import type { Override } from '../../../src/model/override.js';
import { subjectKey, subjectOf } from '../../../src/model/subject.js';
import { nothingAsked } from '../../../src/overrides/in-force.js';
import { keptIn, policyStateOf } from '../../../src/policies.js';
import { keptStandings, poolsBefore } from '../../../src/reconcile/standings/kept.js';
import { type Standings, standings } from '../../../src/reconcile/standings/standings.js';
import { configOf } from '../../helpers/configuration.js';

interface Rules {
  readonly failurecount: number;
  readonly risecount: number;
  readonly flapdamping: readonly [base: number, most: number] | null;
  readonly resume: 'auto' | 'manual';
  readonly slowstart: number;
  readonly minhealthy: number;
}

type Step = { readonly after: number } & (
  | { readonly does: 'result'; readonly server: number; readonly ok: boolean }
  | { readonly does: 'drain' | 'undrain'; readonly server: number }
  | { readonly does: 'reload'; readonly servers: readonly number[] }
  | { readonly does: 'die' }
);

/** What is seen of a server: `out`, `drained`, or the weight that it has in use. */
type Seen = ReadonlyMap<number, 'out' | 'drained' | number>;

function textOf(servers: readonly number[], rules: Rules): string {
  const { failurecount, risecount, flapdamping, resume, slowstart, minhealthy } = rules;
  const lines = [
    ...servers.map((number) => `real=10.0.0.${number}:80 gate 100`),
    `failurecount=${failurecount}`,
    `risecount=${risecount}`,
    `flapdamping=${flapdamping?.join(' ') ?? 'off'}`,
    `resume=${resume}`,
    `slowstart=${slowstart}`,
    `minhealthy=${minhealthy}`,
    'scheduler=wlc',
    'checktype=connect',
  ];
  return `virtual=192.0.2.1:80\n${lines.map((line) => `\t${line}\n`).join('')}`;
}

function numberOf({ host }: RealServer): number {
  return Number(host.address?.split('.')[3]);
}

/** The program's parts, put together as the daemon does. */
class Director {
  readonly #rules: Rules;
  #config: Config;
  #members = Members.none;
  #decided: Standings | null = null;
  #byHand: readonly Override[] = [];
  #kept = noPolicyState;
  #streaks = new Map<string, number>();
  /** As the file is on disk. */
  #file = writePolicyState(noPolicyState, 0);

  constructor(servers: readonly number[], rules: Rules) {
    this.#rules = rules;
    this.#config = configOf(textOf(servers, rules));
    this.#prepare(0);
  }

  do(step: Step, now: number): void {
    const { does } = step;
    if (does === 'result') this.#record(step.server, step.ok, now);
    else if (does === 'drain' || does === 'undrain') {
      const server = `10.0.0.${step.server}:80`;
      this.#byHand = this.#byHand.filter((other) => other.server !== server);
      if (does === 'drain') {
        this.#byHand = [
          ...this.#byHand,
          { kind: 'drain', server, virtual: null, weight: 0, until: null, ...unknownOrigin },
        ];
      } else {
        for (const real of this.#virtual.realServers) {
          if (numberOf(real) === step.server) this.#members.forgive(real, 'all', now);
        }
      }
    } else if (does === 'reload') {
      this.#config = configOf(textOf(step.servers, this.#rules));
      this.#prepare(now);
    } else this.#die(now);
    this.#decide(now);
  }

  get seen(): Seen {
    const own = this.#decided?.of.get(this.#virtual) ?? [];
    return new Map(
      own.map(({ place, weight }, index) => [
        numberOf(this.#virtual.realServers[index] as RealServer),
        place === 'in use' ? weight : place === 'drained' ? 'drained' : 'out',
      ]),
    );
  }

  /** When it would decide by itself. */
  get nextChange(): number | null {
    return this.#decided?.nextChange ?? null;
  }

  wake(now: number): void {
    this.#decide(now);
  }

  get #virtual(): Virtual {
    return this.#config.virtuals[0] as Virtual;
  }

  #record(server: number, ok: boolean, now: number): void {
    const real = this.#virtual.realServers.find((some) => numberOf(some) === server);
    const check = real && this.#members.checkOf(real);
    if (!check) return;
    const streak = streakAfter(this.#streaks.get(check) ?? 0, ok);
    this.#streaks.set(check, streak);
    this.#members.record(check, { ok, reason: '', streak }, now);
  }

  /** `seen` is what stands in the table. */
  #prepare(now: number, seen: Seen = new Map()): void {
    const assigning = assign(this.#config);
    let next = assigning.next();
    while (!next.done) next = assigning.next();
    const { servers, checks } = next.value;
    const stands = (_: Virtual, real: RealServer): boolean => {
      const place = seen.get(numberOf(real)) ?? 'out';
      return place !== 'out';
    };
    const isFirst = this.#members === Members.none;
    const stateOf = (virtual: Virtual, real: RealServer) =>
      isFirst ? this.#kept.servers.get(subjectKey(subjectOf(virtual, real))) : undefined;
    const preparing = Members.prepare(servers, this.#members, stands, stateOf);
    let made = preparing.next();
    while (!made.done) made = preparing.next();
    this.#members = made.value();
    for (const check of this.#streaks.keys()) if (!checks.has(check)) this.#streaks.delete(check);
    this.#decide(now);
  }

  #die(now: number): void {
    const { seen } = this;
    this.#kept = readPolicyState(this.#file, now);
    this.#members = Members.none;
    this.#decided = null;
    this.#streaks = new Map();
    this.#prepare(now, seen);
  }

  #decide(now: number): void {
    const members = this.#members;
    const evidence = {
      isUp: (real: RealServer) => members.isUp(real),
      isDecided: (real: RealServer) => members.isDecided(real),
      isRefused: () => false,
      policyHoldOf: (real: RealServer, at: number) => members.policyHoldOf(real, at),
    };
    const overrides = { ...nothingAsked, byHand: this.#byHand };
    const atStart = poolsBefore(keptIn(this.#kept));
    this.#decided = standings(this.#config, evidence, overrides, now, this.#decided, atStart);
    this.#file = writePolicyState(policyStateOf(members, keptStandings(this.#decided), now), now);
  }
}

interface Modelled {
  up: boolean;
  known: boolean;
  passed: number;
  failed: number;
  drained: boolean;
  waits: boolean;
  falls: number;
  heldUntil: number;
  /** Since when it is in use again, without a fall; null while it is down. */
  calmSince: number | null;
  growsFrom: number | null;
  inUse: boolean;
}

const fresh = (): Modelled => ({
  up: false,
  known: false,
  passed: 0,
  failed: 0,
  drained: false,
  waits: false,
  falls: 0,
  heldUntil: 0,
  calmSince: null,
  growsFrom: null,
  inUse: false,
});

function secondsBetween(from: number, to: number): number {
  return Math.floor(to / 1000) - Math.floor(from / 1000);
}

/** The same without a minimum. In milliseconds, which are whole: fractions of seconds do not add up. */
class Model {
  readonly #rules: Rules;
  #servers: Map<number, Modelled>;
  readonly #drains = new Set<number>();
  #settled = false;

  constructor(servers: readonly number[], rules: Rules) {
    this.#rules = rules;
    this.#servers = new Map(servers.map((number) => [number, fresh()]));
    this.decide(0);
  }

  do(step: Step, now: number): void {
    switch (step.does) {
      case 'result': {
        const server = this.#servers.get(step.server);
        if (server !== undefined) this.#judge(server, step.ok, now);
        break;
      }
      case 'drain':
        this.#drains.add(step.server);
        break;
      case 'undrain': {
        this.#drains.delete(step.server);
        const server = this.#servers.get(step.server);
        if (server !== undefined) Object.assign(server, { waits: false, falls: 0, heldUntil: 0 });
        break;
      }
      case 'reload': {
        const before = this.#servers;
        this.#servers = new Map(step.servers.map((number) => [number, before.get(number) ?? fresh()]));
        if (!step.servers.some((number) => before.has(number))) this.#settled = false;
        this.decide(now, (number) => !before.has(number));
        break;
      }
      default:
        this.#die();
    }
    this.decide(now);
  }

  get seen(): Seen {
    return new Map(
      [...this.#servers].map(([number, server]): [number, 'out' | 'drained' | number] => {
        if (this.#drains.has(number)) return [number, 'drained'];
        return [number, server.inUse ? this.#weightOf(server) : 'out'];
      }),
    );
  }

  #now = 0;

  decide(now: number, isNew: (number: number) => boolean = () => false): void {
    this.#now = now;
    const all = [...this.#servers].map(([number, server]) => {
      const isInUse = server.up && !this.#drains.has(number) && !this.#isHeld(server, now);
      return { number, server, isInUse, wasInUse: server.inUse && !isNew(number) };
    });
    const others = all.some(({ isInUse, wasInUse }) => isInUse && wasInUse);
    const { slowstart } = this.#rules;
    for (const { server, isInUse, wasInUse } of all) {
      const begins = isInUse && !wasInUse && this.#settled && others && slowstart > 0;
      if (begins) server.growsFrom = now;
      const isOver = server.growsFrom !== null && secondsBetween(server.growsFrom, now) >= slowstart;
      if (!isInUse || isOver) server.growsFrom = null;
      server.inUse = isInUse;
    }
    this.#settled ||= all.every(({ number, server }) => server.known || this.#drains.has(number));
  }

  #judge(server: Modelled, ok: boolean, now: number): void {
    const { failurecount, risecount, flapdamping, resume } = this.#rules;
    server.passed = ok ? server.passed + 1 : 0;
    server.failed = ok ? 0 : server.failed + 1;
    const wasUp = server.up;
    const wasKnown = server.known;
    server.known = true;
    if (ok) {
      server.up = wasUp || !wasKnown || server.passed >= risecount;
      if (server.up && !wasUp) server.calmSince = now;
      return;
    }
    server.up = wasUp && wasKnown && server.failed < failurecount;
    if (server.up || (wasKnown && !wasUp)) return;
    if (resume === 'manual') server.waits = true;
    if (flapdamping === null || !wasUp) {
      server.calmSince = null;
      return;
    }
    const [base, most] = flapdamping.map((seconds) => seconds * 1000) as [number, number];
    const calm = server.calmSince === null ? 0 : Math.max(0, now - Math.max(server.calmSince, server.heldUntil));
    server.falls = Math.max(0, server.falls - Math.floor(calm / most)) + 1;
    server.heldUntil = now + Math.min(base * 2 ** (server.falls - 1), most);
    server.calmSince = null;
  }

  #isHeld({ waits, heldUntil }: Modelled, now: number): boolean {
    return waits || now < heldUntil;
  }

  /** Who stands in the table is up, and nothing else is known but what policies keep. */
  #die(): void {
    for (const [number, server] of this.#servers) {
      const stands = server.inUse || this.#drains.has(number);
      const rises = this.#rules.risecount > 1 && server.known && !server.up;
      Object.assign(server, {
        up: rises ? false : stands,
        known: rises,
        passed: rises ? server.passed : 0,
        failed: 0,
      });
      // It is settled anew.
      server.inUse = server.inUse && server.up;
    }
    this.#settled = false;
  }

  #weightOf({ growsFrom }: Modelled): number {
    if (growsFrom === null) return 100;
    const grown = secondsBetween(growsFrom, this.#now);
    return Math.ceil((100 * (this.#rules.slowstart + 9 * grown)) / (10 * this.#rules.slowstart));
  }
}

const server = fc.constantFrom(1, 1, 2, 3);
const servers = fc.uniqueArray(server, { minLength: 1, maxLength: 3 });
const after = fc.integer({ min: 1, max: 60 }).map((tenths) => tenths * 100);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      does: fc.constant('result' as const),
      server,
      ok: fc.constantFrom(true, true, false),
      after,
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('drain' as const, 'undrain' as const), server, after }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('reload' as const), servers, after }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('die' as const), after }) },
);
const rules = fc.record<Rules>({
  failurecount: fc.constantFrom(1, 1, 2),
  risecount: fc.constantFrom(1, 1, 1, 2, 3),
  flapdamping: fc.constantFrom(null, [8, 64] as const, [12, 24] as const),
  resume: fc.constantFrom('auto', 'auto', 'manual'),
  slowstart: fc.constantFrom(0, 20),
  minhealthy: fc.constant(0),
});
const history = fc.array(step, { minLength: 1, maxLength: 50, size: 'max' });

/** Both go to the next step, the program over every change that comes by itself. */
function pass(director: Director, from: number, to: number, onWake: (now: number) => void): void {
  for (let wakes = 0; wakes < 1_000; wakes += 1) {
    const next = director.nextChange;
    if (next === null || next > to || next <= from) return;
    director.wake(next);
    onWake(next);
    from = next;
  }
  assert.fail('it wakes for ever');
}

test('a thousand histories: servers stand as the model has it', () => {
  fc.assert(
    fc.property(servers, rules, history, (first, policy, steps) => {
      const director = new Director(first, policy);
      const model = new Model(first, policy);
      let now = 0;
      for (const [index, each] of steps.entries()) {
        const at = now + each.after;
        pass(director, now, at, (moment) => model.decide(moment));
        now = at;
        director.do(each, now);
        model.do(each, now);
        assert.deepEqual(director.seen, model.seen, `step ${index + 1} at ${now}: ${JSON.stringify(each)}`);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('a thousand histories with a minimum: never fewer in use than that, or than before, and never who is drained', () => {
  const withMinimum = fc
    .tuple(rules, fc.integer({ min: 1, max: 4 }))
    .map(([policy, minhealthy]): Rules => ({ ...policy, resume: 'auto', minhealthy }));
  fc.assert(
    fc.property(servers, withMinimum, history, (first, policy, steps) => {
      const director = new Director(first, policy);
      const drains = new Set<number>();
      let now = 0;
      let before = director.seen;
      for (const each of steps) {
        now += each.after;
        director.do(each, now);
        if (each.does === 'drain') drains.add(each.server);
        if (each.does === 'undrain') drains.delete(each.server);
        const { seen } = director;
        for (const [number, place] of seen) assert.equal(place === 'drained', drains.has(number));
        const used = [...seen.values()].filter((place) => typeof place === 'number').length;
        const usedBefore = [...before].filter(
          ([number, place]) => typeof place === 'number' && !drains.has(number),
        ).length;
        const countable = [...seen.keys()].filter((number) => !drains.has(number)).length;
        assert.ok(
          used >= Math.min(policy.minhealthy, usedBefore, countable),
          JSON.stringify({ each, seen: [...seen] }),
        );
        before = seen;
      }
    }),
    { numRuns: 1_000 },
  );
});
