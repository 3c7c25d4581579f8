import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config, RealServer, Virtual } from '../../src/model/config.js';
import { unknownOrigin } from '../../src/model/origin.js';
import type { Hold } from '../../src/model/override.js';
import { alwaysActive } from '../../src/model/role.js';
import { isFallback } from '../../src/model/subject.js';
import { nothingAsked } from '../../src/overrides/in-force.js';
import { type Standings, standings } from '../../src/reconcile/standings/standings.js';
import { atOnce } from '../../src/slices.js';
import { StateTimes } from '../../src/status/state-times.js';
import { configOf } from '../helpers/configuration.js';
import { standingsOf } from '../helpers/standings.js';

const text = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\treal=10.0.0.2:80 gate\n';
const second = 1_000;
const drained: Hold = { by: 'hand', how: 'drain', reason: 'drained by hand', note: null, ...unknownOrigin };

/** What is said of the server 10.0.0.1 at a moment; the others are up. */
interface Moment {
  readonly up?: boolean | null;
  readonly hold?: Hold;
}

function scene(config: Config = configOf(text)) {
  const times = new StateTimes();
  let now = 1_795_000_000_000;
  let rules = config;
  const isFirst = (real: RealServer): boolean => real.host.name === '10.0.0.1';
  return {
    /** A second after the one before. */
    next({ up = true, hold }: Moment, other: Config = rules): void {
      rules = other;
      now += second;
      const checked = {
        isUp: (real: RealServer) => !isFirst(real) || up !== false,
        isDecided: (real: RealServer) => !isFirst(real) || up !== null,
      };
      const first = rules.virtuals.flatMap(({ realServers }) => realServers).find(isFirst);
      const held = new Map(first && hold ? [[first, hold] as const] : []);
      times.note(standingsOf(rules, { ...checked, inForce: { held } }), checked, now);
    },
    /** Seconds ago: of its state, and of what its checks say. */
    ages(name = '10.0.0.1'): readonly number[] {
      const [virtual] = rules.virtuals;
      const index = virtual?.realServers.findIndex(({ host }) => host.name === name) ?? -1;
      const since = (virtual && times.of(virtual, index)) ?? assert.fail(`nothing of ${name}`);
      return [(now - since.state) / second, (now - since.health) / second];
    },
  };
}

test('a server is in its state since it came into it, and its checks say what they say since they changed', () => {
  const { next, ages } = scene();
  next({ up: null });
  assert.deepEqual(ages(), [0, 0]);
  next({ up: null });
  assert.deepEqual(ages(), [1, 1], 'not checked for a second');
  next({});
  next({});
  assert.deepEqual(
    [ages(), ages('10.0.0.2')],
    [
      [1, 1],
      [3, 3],
    ],
  );
  next({ up: false });
  assert.deepEqual(ages(), [0, 0]);
  next({ up: false, hold: drained });
  next({ up: false, hold: drained });
  assert.deepEqual(ages(), [1, 2], 'held for one, down for two');
  next({ hold: drained });
  assert.deepEqual(ages(), [2, 0], 'its checks have changed their mind while it was held');
  next({});
  assert.deepEqual(ages(), [0, 1]);
});

test('that nothing is known for a while does not end a state', () => {
  const { next, ages } = scene();
  for (const up of [true, true, null, null]) next({ up });
  assert.deepEqual(ages(), [1, 3], 'unknown for a second');
  next({});
  assert.deepEqual(ages(), [4, 4], 'up as before');
  next({ up: null });
  next({ up: false });
  assert.deepEqual(ages(), [0, 0]);
});

test('a server goes on as it was where a configuration names it again, and begins where it is new', () => {
  const { next, ages } = scene();
  next({});
  next({ hold: drained });
  next(
    { hold: drained },
    configOf(`virtual=192.0.2.7:80\n\treal=10.0.0.9:80 gate\n${text}`.replace('10.0.0.2', '10.0.0.3')),
  );
  next({ hold: drained }, configOf(text.replace('10.0.0.2', '10.0.0.3')));
  assert.deepEqual(
    [ages(), ages('10.0.0.3')],
    [
      [2, 3],
      [1, 1],
    ],
  );
  next({}, configOf(text.replace('192.0.2.1', '192.0.2.2')));
  assert.deepEqual(ages(), [0, 0], 'in another virtual it is another one');
});

test('a virtual that stays the same object goes on as it was, whatever comes and goes around it', () => {
  const sections = (...numbers: readonly number[]): string =>
    numbers.map((number) => `virtual=192.0.2.${number}:80\n\treal=10.0.0.${number}:80 gate\n`).join('');
  const { global, virtuals } = configOf(sections(1, 2, 3));
  const [first = assert.fail(), second = assert.fail()] = virtuals;
  const [newer = assert.fail()] = configOf(sections(2)).virtuals;
  const [back = assert.fail()] = configOf(sections(3)).virtuals;
  const times = new StateTimes();
  let now = 1_795_000_000_000;
  const agesIn = (...all: readonly Virtual[]): readonly (number | null)[] => {
    now += 1_000;
    const checked = { isUp: () => true, isDecided: () => true };
    times.note(standingsOf({ global, virtuals: all }, checked), checked, now);
    return all.map((virtual) => {
      const since = times.of(virtual, 0);
      return since && (now - since.state) / 1_000;
    });
  };
  assert.deepEqual(agesIn(...virtuals), [0, 0, 0]);
  assert.deepEqual(agesIn(first, newer), [1, 1], 'one is another object, one is gone');
  assert.equal(times.of(second, 0), null);
  assert.deepEqual(agesIn(back, first, newer), [0, 2, 2], 'what comes back begins anew');
  assert.deepEqual(agesIn(newer, first), [3, 3]);
});

test('who is kept in use below the minimum is so since then, and down since its checks fail', () => {
  const config = configOf(`${text}\tminhealthy=2\n`);
  const [virtual] = config.virtuals;
  assert.ok(virtual);
  const times = new StateTimes();
  let before: Standings | null = null;
  const note = (up: boolean, now: number): void => {
    const checked = { isUp: (real: RealServer) => real.host.name !== '10.0.0.1' || up, isDecided: () => true };
    before = standings(
      config,
      { ...checked, isRefused: () => false, policyHoldOf: () => null },
      nothingAsked,
      alwaysActive,
      now,
      before,
    );
    times.note(before, checked, now);
  };
  note(true, 1_000);
  note(false, 2_000);
  note(false, 3_000);
  assert.deepEqual(
    [times.of(virtual, 0), times.of(virtual, 1)],
    [
      { state: 2_000, health: 2_000 },
      { state: 1_000, health: 1_000 },
    ],
  );
  note(true, 4_000);
  assert.deepEqual(times.of(virtual, 0), { state: 4_000, health: 4_000 });
  assert.equal(times.of(virtual, 2), null);
});

test('a checked fallback has times of its own, also where it has the name of a real server', () => {
  const sorry = `virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\tfallbackcheck=yes\n\tfallback=10.0.0.2:80\n\tfallback=10.0.0.1:80\n`;
  const [before, after] = [configOf(sorry), configOf(sorry.replace(/(\tfallback=.*\n)(.*\n)/, '$2$1'))];
  const times = new StateTimes();
  const noteAt = (config: Config, at: number, isUp: boolean): void => {
    const checked = { isUp: (real: RealServer) => !isFallback(real) || isUp, isDecided: () => true };
    times.note(standingsOf(config, checked), checked, at);
  };
  noteAt(before, 1, true);
  noteAt(before, 2, false);
  noteAt(after, 3, false);
  const [virtual = assert.fail()] = after.virtuals;
  assert.deepEqual(
    [0, 1, 2].map((place) => times.of(virtual, place)?.state),
    [1, 2, 2],
  );
});

test('of what stands as it stood nobody is asked again where all are noted, as at a reload', () => {
  const times = new StateTimes();
  const before = configOf(`${text}virtual=192.0.2.2:80\n\treal=10.0.0.9:80 gate\n`);
  const asked: string[] = [];
  const checked = {
    isUp: (real: RealServer) => asked.push(real.host.name) > 0,
    isDecided: () => true,
  };
  const evidence = { isUp: () => true, isDecided: () => true };
  const first = times.noteAll(standingsOf(before, evidence), checked);
  const [virtual = assert.fail(), other = assert.fail()] = before.virtuals;
  assert.equal(times.of(virtual, 0), null, 'not noted yet');
  atOnce(first);
  assert.deepEqual(asked.splice(0), ['10.0.0.1', '10.0.0.2', '10.0.0.9']);
  const since = times.of(virtual, 0);
  const after = { ...before, virtuals: [virtual, { ...other }] };
  atOnce(times.noteAll(standingsOf(after, evidence), checked));
  assert.deepEqual([asked, times.of(virtual, 0)], [['10.0.0.9'], since]);
});

test('where another configuration rules before all were noted, all are noted then', () => {
  const times = new StateTimes();
  const config = configOf(text);
  const [virtual = assert.fail()] = config.virtuals;
  const checked = { isUp: () => true, isDecided: () => true };
  const first = times.noteAll(standingsOf(config, checked), checked);
  const second = times.noteAll(standingsOf({ ...config }, checked), checked);
  atOnce(first);
  assert.equal(times.of(virtual, 1), null);
  atOnce(second);
  assert.notEqual(times.of(virtual, 1)?.state ?? 0, 0);
});
