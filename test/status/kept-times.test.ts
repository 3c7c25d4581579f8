import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RealServer } from '../../src/model/config.js';
import { unknownOrigin } from '../../src/model/origin.js';
import type { Hold } from '../../src/model/override.js';
import { atOnce } from '../../src/slices.js';
import { KeptTimes } from '../../src/status/kept-times.js';
import { StateTimes } from '../../src/status/state-times.js';
import { configOf } from '../helpers/configuration.js';
import { standingsOf } from '../helpers/standings.js';

const text = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\treal=10.0.0.2:80 gate\n';
const drained: Hold = { by: 'hand', how: 'drain', reason: 'drained by hand', note: null, ...unknownOrigin };

/** A run with a configuration of its own; in it the first server is held or not, and nothing or all of both is known. */
function run(lines: readonly string[] = [], written = text) {
  const config = configOf(written);
  const times = new StateTimes();
  const kept = new KeptTimes(times);
  const lost = atOnce(kept.recall(lines));
  const [virtual] = config.virtuals;
  assert.ok(virtual);
  return {
    kept,
    lost,
    note(now: number, { decided = true, isHeld = false, up = true }) {
      const checked = { isUp: (real: RealServer) => up || real.host.name !== '10.0.0.1', isDecided: () => decided };
      const first = virtual.realServers.find(({ host }) => host.name === '10.0.0.1');
      const held = new Map(isHeld && first ? [[first, drained] as const] : []);
      times.note(standingsOf(config, { ...checked, inForce: { held } }), checked, now);
    },
    since: (name = '10.0.0.1') =>
      times.of(
        virtual,
        virtual.realServers.findIndex(({ host }) => host.name === name),
      ),
  };
}

test('states and what checks say go on over a restart as if it had not been', () => {
  const first = run();
  first.note(1_000, { decided: false });
  assert.deepEqual(atOnce(first.kept.all()), []);
  first.note(2_000, {});
  const lines = [...atOnce(first.kept.news())];
  assert.equal(lines.length, 2);
  first.note(3_000, { isHeld: true });
  lines.push(...atOnce(first.kept.news()));
  assert.equal(lines.length, 3, 'of the other nothing is new');
  assert.deepEqual(atOnce(first.kept.news()), []);
  assert.equal(atOnce(first.kept.all()).length, 2);

  const second = run(lines, text.replace('10.0.0.2', '10.0.0.7').replace('virtual', 'checkinterval=7\nvirtual'));
  second.note(9_000, { isHeld: true, decided: false });
  assert.deepEqual(second.since(), { state: 3_000, health: 2_000 });
  assert.deepEqual(second.since('10.0.0.7'), { state: 9_000, health: 9_000 });
  second.note(9_500, { isHeld: true });
  assert.deepEqual(second.since(), { state: 3_000, health: 2_000 });

  const undrained = run(lines);
  undrained.note(9_000, { decided: false });
  assert.deepEqual(undrained.since(), { state: 9_000, health: 2_000 }, 'not known yet');
  undrained.note(9_500, {});
  assert.deepEqual(undrained.since(), { state: 9_500, health: 2_000 }, 'it was held before');
  assert.deepEqual(undrained.since('10.0.0.2'), { state: 2_000, health: 2_000 });

  const died = run(lines);
  died.note(9_000, { decided: false });
  died.note(9_500, { up: false });
  assert.deepEqual(died.since(), { state: 9_500, health: 9_500 });
  died.note(9_900, { decided: false });
  const third = run(atOnce(died.kept.all()));
  third.note(10_000, { up: false });
  assert.deepEqual(third.since(), { state: 9_500, health: 9_500 }, 'a restart while nothing was known');
});

test('a run that ends before it has a configuration keeps what it was told', () => {
  const first = run();
  first.note(2_000, {});
  const ended = run(atOnce(first.kept.all()));
  assert.deepEqual(atOnce(ended.kept.news()), []);
  const next = run(atOnce(ended.kept.all()));
  next.note(9_000, {});
  assert.deepEqual(next.since(), { state: 2_000, health: 2_000 });
  // Who is not in the configuration is forgotten then.
  const other = run(atOnce(first.kept.all()), text.replace('10.0.0.2', '10.0.0.7'));
  other.note(9_000, {});
  assert.equal(
    atOnce(other.kept.all()).some((line) => line.includes('10.0.0.2')),
    false,
  );
});

test('a reload loses none that is not written yet', () => {
  const first = run();
  first.note(1_000, {});
  const { kept } = first;
  first.note(2_000, { up: false });
  assert.equal(atOnce(kept.news()).length, 2);
  first.note(3_000, {});
  first.note(3_000, {});
  assert.equal(atOnce(kept.news()).length, 1);
});

test('lines that say nothing are counted', () => {
  const good = JSON.stringify(['inet tcp 192.0.2.1:80 10.0.0.1:80', 'up', 1, 'up', 1]);
  const bad = [
    '',
    '[]',
    '{}',
    '7',
    good.replace('up', 'melted'),
    good.replace('1,', 'null,'),
    good.replace('1,', '-1,'),
  ];
  const found = run([good, ...bad]);
  assert.equal(found.lost, bad.length);
  found.note(9_000, {});
  assert.deepEqual(found.since(), { state: 1, health: 1 });
});
