/** That what is decided about what has changed alone is what a decision about all comes to. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { destinationKey, serviceKey } from '../../src/ipvs/table.js';
import type { Config, RealServer, Virtual } from '../../src/model/config.js';
import { unknownOrigin } from '../../src/model/origin.js';
import type { Override } from '../../src/model/override.js';
import { alwaysActive, type RoleInForce } from '../../src/model/role.js';
import { isFallback } from '../../src/model/subject.js';
import { nothingAsked, type Overrides } from '../../src/overrides/in-force.js';
import { windowOf } from '../../src/overrides/windows.js';
import { CurrentStandings, type Health } from '../../src/reconcile/current-standings.js';
import { desired, destinationOf, leftOutKeys, serviceOf } from '../../src/reconcile/desired.js';
import { refusedServers } from '../../src/reconcile/refused-servers.js';
import { type Standings, standings } from '../../src/reconcile/standings/standings.js';
import { WantedTable } from '../../src/reconcile/wanted-table.js';
import { atOnce } from '../../src/slices.js';
import { configOf } from '../helpers/configuration.js';
import { assertSame } from '../helpers/standings.js';

const policies = ['minhealthy=2', 'slowstart=20', 'fallbackuse=all', 'quiescent=no', 'belowminimum=fallback'] as const;

/**
 * Services whose servers are 10.0.0.1 to 10.0.0.4, and who track each other as it comes: a chain, a circle. One that is there
 * `before` in the same place, and says the same, is the same object.
 */
function configFor(
  sections: readonly Section[],
  before: { readonly sections: readonly Section[]; readonly config: Config } | null = null,
): Config {
  const text = sections
    .map(({ servers, own }, index) => {
      const lines = [
        ...servers.map((server) => `real=10.0.0.${server}:80 masq 40`),
        'fallback=127.0.0.1:80 masq',
        'fallbackcheck=yes',
        'checktype=connect',
        ...own,
      ];
      return `virtual=192.0.2.${index}:80\n${lines.map((line) => `\t${line}\n`).join('')}`;
    })
    .join('');
  const { global, virtuals } = configOf(text);
  // Names that turn out to be one another's addresses can make a circle, which no file may have.
  const trackOf = (index: number): string | null => {
    const tracks = sections[index]?.tracks ?? null;
    return tracks === null || tracks === index || tracks >= sections.length ? null : `192.0.2.${tracks}:80`;
  };
  const all = virtuals.map((virtual, index) => ({ ...virtual, track: trackOf(index) }));
  const same = all.map((virtual, index) => {
    const known = before?.sections[index] === sections[index] ? before?.config.virtuals[index] : undefined;
    return known?.track === virtual.track ? known : virtual;
  });
  return { global, virtuals: same };
}

interface Section {
  readonly servers: readonly number[];
  readonly tracks: number | null;
  readonly own: readonly string[];
}

const server = fc.integer({ min: 1, max: 4 });
const section: fc.Arbitrary<Section> = fc.record({
  servers: fc.uniqueArray(server, { minLength: 1, maxLength: 2 }),
  tracks: fc.option(fc.integer({ min: 0, max: 5 }), { freq: 2 }),
  own: fc.uniqueArray(fc.constantFrom(...policies), { maxLength: 3 }),
});
const sections = fc.array(section, { minLength: 1, maxLength: 6 });
const place = fc.record({ virtual: fc.nat({ max: 5 }), server: fc.nat({ max: 3 }) });

type Step =
  | {
      readonly does: 'result';
      readonly at: { readonly virtual: number; readonly server: number };
      readonly up: boolean;
    }
  | { readonly does: 'doubt' | 'refuse' | 'vote'; readonly at: { readonly virtual: number; readonly server: number } }
  | {
      readonly does: 'drain' | 'weigh' | 'file';
      readonly server: number;
      readonly for: number | null;
      readonly of: number | null;
    }
  | { readonly does: 'undrain'; readonly server: number }
  | { readonly does: 'role'; readonly held: readonly number[] | null }
  | { readonly does: 'window'; readonly server: number | null; readonly from: number; readonly to: number }
  | {
      readonly does: 'reload';
      readonly sections: readonly Section[];
      /** Which of those before stay in their places. */
      readonly stay: readonly boolean[];
      /** What nobody has decided about by then, and what comes until it rules. */
      readonly ahead: readonly Step[];
      readonly meanwhile: readonly Step[];
    }
  | { readonly does: 'nothing' | 'back' };

const simple: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ does: fc.constant('result' as const), at: place, up: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constantFrom('doubt' as const, 'refuse' as const, 'vote' as const), at: place }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constantFrom('drain' as const, 'weigh' as const, 'file' as const),
      server,
      for: fc.option(fc.integer({ min: 1, max: 30 })),
      of: fc.option(fc.nat({ max: 5 })),
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('undrain' as const), server }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('role' as const), held: fc.option(fc.array(fc.nat({ max: 5 }))) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('window' as const),
      server: fc.option(server),
      from: fc.nat({ max: 20 }),
      to: fc.integer({ min: 20, max: 40 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constantFrom('nothing' as const, 'nothing' as const, 'back' as const) }),
  },
);

const stay = fc.array(fc.boolean(), { minLength: 6, maxLength: 6 });
const meanwhile = fc.array(simple, { maxLength: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 25, arbitrary: simple },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('reload' as const), sections, stay, ahead: meanwhile, meanwhile }),
  },
);

/** Both ways beside each other. */
class Both {
  #sections: readonly Section[];
  config: Config;
  /** The one that rules: while another is foreseen, the one before. */
  #ruling: Config;
  overrides: Overrides = nothingAsked;
  role: RoleInForce = { ...alwaysActive, table: 'active' };
  now = 1_000_000;
  readonly #known = new Map<string, { up: boolean; decided: boolean }>();
  #changed = new Set<{ virtual: Virtual; real: RealServer }>();
  readonly #refused = new Set<string>();
  /** Those of whom others say the contrary. */
  readonly #voted = new Set<string>();
  #refusedAnew = new Set<string>();
  #whole: Standings | null = null;
  readonly #table = new WantedTable();
  readonly #unserved = {
    has: (service: string, destination: string) => this.#refused.has(`${service} ${destination}`),
    takeChanged: () => {
      const changed = this.#refusedAnew;
      this.#refusedAnew = new Set();
      return changed;
    },
  };
  readonly #health: Health = {
    isUp: (real) => this.#of(real).up !== this.#isVoted(real),
    isVoted: (real) => this.#isVoted(real),
    isDecided: (real) => this.#of(real).decided,
    policyHoldOf: () => null,
    takeChanged: () => {
      const changed = this.#changed;
      this.#changed = new Set();
      return changed;
    },
  };
  readonly #current: CurrentStandings;
  /** Of a configuration that is to rule. */
  #foreseen: Standings | null = null;

  constructor(first: readonly Section[]) {
    this.#sections = first;
    this.config = configFor(first);
    this.#ruling = this.config;
    this.#current = new CurrentStandings({
      config: () => this.#ruling,
      health: this.#health,
      overrides: () => this.overrides,
      role: () => this.role,
      unserved: () => this.unserved,
    });
  }

  get unserved() {
    return { ...this.#unserved, some: this.#refused.size > 0 };
  }

  #of(real: RealServer) {
    return this.#known.get(this.#nameOf(real)) ?? { up: true, decided: false };
  }

  #isVoted(real: RealServer): boolean {
    return !isFallback(real) && this.#voted.has(this.#nameOf(real));
  }

  #nameOf(real: RealServer): string {
    const virtual = this.config.virtuals.findIndex(
      ({ realServers, fallbacks }) => realServers.includes(real) || (isFallback(real) && fallbacks.includes(real)),
    );
    return `${virtual} ${real.host.name}`;
  }

  #placeOf({ virtual, server }: { virtual: number; server: number }): { virtual: Virtual; real: RealServer } {
    const found = this.config.virtuals[virtual % this.config.virtuals.length] ?? assert.fail();
    const all = [...found.realServers, ...found.fallbacks];
    return { virtual: found, real: all[server % all.length] ?? assert.fail() };
  }

  do(step: Step): void {
    const byHand = (override: Override): void => {
      const others = this.overrides.byHand.filter(
        (one) => one.kind !== override.kind || one.server !== override.server,
      );
      this.overrides = { ...this.overrides, byHand: [...others, override] };
    };
    if (step.does === 'result' || step.does === 'doubt') {
      const found = this.#placeOf(step.at);
      const known = step.does === 'result' ? { up: step.up, decided: true } : { up: true, decided: false };
      this.#known.set(this.#nameOf(found.real), known);
      this.#changed.add(found);
    } else if (step.does === 'vote') {
      const name = this.#nameOf(this.#placeOf(step.at).real);
      if (!this.#voted.delete(name)) this.#voted.add(name);
      this.#current.doubt();
    } else if (step.does === 'refuse') {
      const { virtual, real } = this.#placeOf(step.at);
      const service = serviceKey(serviceOf(virtual) ?? assert.fail());
      const key = `${service} ${destinationKey(destinationOf(virtual, real) ?? assert.fail())}`;
      if (!this.#refused.delete(key)) this.#refused.add(key);
      this.#refusedAnew.add(service);
    } else if (step.does === 'drain' || step.does === 'weigh') {
      const until = step.for === null ? null : this.now + step.for * 1_000;
      const virtual = step.of === null ? null : `192.0.2.${step.of}:80`;
      const kind = step.does === 'drain' ? 'drain' : 'weight';
      byHand({ kind, server: `10.0.0.${step.server}:80`, virtual, weight: 7, until, ...unknownOrigin });
    } else if (step.does === 'file') {
      const names = new Map(step.of === null ? [] : [[`10.0.0.${step.server}`, `10.0.0.${step.server}`]]);
      this.overrides = { ...this.overrides, files: { directory: '/m', names, notes: new Map() } };
    } else if (step.does === 'undrain') {
      const left = this.overrides.byHand.filter(({ server }) => server !== `10.0.0.${step.server}:80`);
      this.overrides = { ...this.overrides, byHand: left };
    } else if (step.does === 'role') {
      const held = step.held && new Set(step.held.map((index) => `192.0.2.${index}`));
      this.role = { ...this.role, word: held?.size === 0 ? 'passive' : 'active', held };
    } else if (step.does === 'window') {
      const times = { drainAt: this.now + step.from * 1_000, returnAt: this.now + step.to * 1_000 };
      const called = step.server === null ? null : `10.0.0.${step.server}`;
      const window = {
        name: 'w',
        reason: null,
        places: {},
        virtual: null,
        server: called,
        schedule: null,
        duration: null,
      };
      this.overrides = { ...this.overrides, windows: [windowOf({ ...window, ...times })] };
    } else if (step.does === 'reload') {
      for (const each of step.ahead) this.do(each);
      const before = this.#sections;
      this.#sections = step.sections.map((one, index) => (step.stay[index] ? (before[index] ?? one) : one));
      this.config = configFor(this.#sections, { sections: before, config: this.config });
      this.#foreseen = atOnce(this.#current.foresee(this.config, this.#health, this.now));
      for (const each of step.meanwhile) this.do(each);
    } else if (step.does === 'back') {
      this.now -= 9_000;
    }
  }

  compare(): void {
    this.#ruling = this.config;
    const refused = refusedServers(this.config, this.unserved);
    const evidence = {
      isUp: (real: RealServer) => this.#of(real).up !== this.#isVoted(real),
      isVoted: (real: RealServer) => this.#isVoted(real),
      isDecided: (real: RealServer) => this.#of(real).decided,
      isRefused: (real: RealServer) => refused.has(real),
      policyHoldOf: () => null,
    };
    if (this.#foreseen !== null) this.#current.adopt(this.#foreseen);
    this.#foreseen = null;
    const whole = standings(this.config, evidence, this.overrides, this.role, this.now, this.#whole);
    this.#whole = whole;
    assertSame(this.#current.at(this.now), whole);
    const revised = this.#current.decideSome(this.now);
    const decided = revised?.decided ?? this.#current.decideAnew(this.now);
    assertSame(decided, whole);
    if (revised === null) this.#table.take(decided, noPaths);
    else this.#table.revise(decided, revised.virtuals, noPaths);
    const wanted = desired(whole);
    assert.deepEqual(new Map([...this.#table.table]), new Map(wanted));
    assert.deepEqual(new Set(leftOutKeys(decided)), new Set(leftOutKeys(whole)));
  }
}

const noPaths = new Map();

test('what is decided about what has changed alone is what a decision about all comes to', () => {
  const history = fc.array(fc.tuple(step, fc.integer({ min: 0, max: 60 })), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(sections, history, (first, steps) => {
      const both = new Both(first);
      both.compare();
      for (const [each, after] of steps) {
        both.now += after * 100;
        both.do(each);
        both.compare();
      }
    }),
    { numRuns: 400 },
  );
});

test('one server of twenty thousand is a matter of its virtual', () => {
  const count = 1_250;
  const config = configOf(
    Array.from({ length: count }, (_, index) => {
      const address = `${index >> 8}.${index & 255}`;
      const reals = Array.from({ length: 16 }, (_, server) => `\treal=10.${address}.${server + 1}:80 masq\n`);
      return `virtual=192.${address}.1:80\n${reals.join('')}\tchecktype=connect\n`;
    }).join(''),
  );
  let changed: { virtual: Virtual; real: RealServer }[] = [];
  let looked = 0;
  const down = new Set<RealServer>();
  const current = new CurrentStandings({
    config: () => config,
    health: {
      isUp: (real) => {
        looked += 1;
        return !down.has(real);
      },
      isDecided: () => true,
      policyHoldOf: () => null,
      takeChanged: () => changed.splice(0),
    },
    overrides: () => asked,
    role: () => alwaysActive,
    unserved: () => ({ some: false, has: () => false, takeChanged: () => new Set() }),
  });
  let asked: Overrides = nothingAsked;
  current.decideAnew(0);
  const virtual = config.virtuals[777] ?? assert.fail();
  const real = virtual.realServers[7] ?? assert.fail();
  const table = new WantedTable();
  table.take(current.last ?? assert.fail(), noPaths);

  looked = 0;
  down.add(real);
  changed = [{ virtual, real }];
  const dead = current.decideSome(1) ?? assert.fail();
  assert.deepEqual([...dead.virtuals], [virtual]);
  assert.equal(table.revise(dead.decided, dead.virtuals, noPaths)?.size, 1);
  assert.ok(looked <= 2 * 16, `${looked} servers looked at`);

  looked = 0;
  const drain = { kind: 'drain', server: `${real.host.name}:80`, virtual: null, weight: 0, until: null } as const;
  asked = { ...nothingAsked, byHand: [{ ...drain, ...unknownOrigin }] };
  assert.deepEqual([...(current.decideSome(2)?.virtuals ?? [])], [virtual]);
  assert.ok(looked <= 2 * 16, `${looked} servers looked at`);

  looked = 0;
  assert.equal(current.decideSome(3)?.virtuals.size, 0);
  assert.equal(looked, 0);

  // All of them are more than one go: others are not to wait for that.
  current.doubt();
  let goes = 0;
  do {
    looked = 0;
    current.decideSome(4);
    assert.ok(looked < 4_000, `${looked} servers looked at`);
    goes += 1;
  } while (current.areOpen);
  assert.ok(goes >= 5);
});
