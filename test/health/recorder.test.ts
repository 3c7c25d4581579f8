import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { assign } from '../../src/checks/assignment.js';
import { newSums, spreads, summary } from '../../src/checks/sums.js';
import type { Event } from '../../src/events.js';
import { Members } from '../../src/health/members.js';
import { Recorder } from '../../src/health/recorder.js';
import { atOnce } from '../../src/slices.js';
import { configOf } from '../helpers/configuration.js';

/** Virtuals that share one server, and thereby its check; and one more with a check of its own. */
function recording(virtuals: number, publish: (event: Event) => void = () => {}, now = () => 0) {
  const sections = Array.from({ length: virtuals }, (_, index) => {
    return `virtual=192.0.${index >> 8}.${index & 255}:80\n\treal=10.0.0.1:80 masq\n\tchecktype=connect\n`;
  });
  const own = 'virtual=198.51.100.1:80\n\treal=10.0.0.2:80 masq\n\tchecktype=connect\n';
  const { servers, checks } = atOnce(assign(configOf([...sections, own].join(''))));
  const members = atOnce(Members.prepare(servers, Members.none, () => true))();
  const told: Event[] = [];
  let changes = 0;
  const recorder = new Recorder({
    publish: (event) => {
      told.push(event);
      publish(event);
    },
    isHeld: () => false,
    onChange: () => {
      changes += 1;
    },
    now,
    network: async () => '',
  });
  recorder.takeOver(members, checks, 10_000);
  const [shared = '', single = ''] = [...checks.keys()];
  const downs = () => told.filter(({ type }) => type === 'server-down').length;
  return { recorder, members, shared, single, told, downs, changes: () => changes };
}

const failed = { ok: false, reason: 'refused', duration: 1, streak: -1 } as const;
const passed = { ok: true, reason: 'connected', duration: 1, streak: 1 } as const;

/** As long as a millisecond for each event: what telling takes at worst. */
function slowly(): void {
  const end = performance.now() + 1;
  while (performance.now() < end);
}

test('of a result that a thousand servers share is told little by little, in order, and others do not wait for it', async () => {
  const { recorder, shared, single, told, downs } = recording(1_000, slowly);
  recorder.record(shared, failed);
  const first = downs();
  assert.ok(first < 1_000, `${first} told in one go`);
  recorder.record(shared, passed);
  recorder.record(single, failed);
  assert.ok(told.some((event) => event.type === 'server-down' && event.server === '10.0.0.2:80'));
  while (told.filter(({ type }) => type === 'server-up').length < 1_000) await setImmediate();
  assert.equal(downs(), 1_001);
  const last = told.findLastIndex(({ type }) => type === 'server-down');
  assert.ok(last < told.findIndex(({ type }) => type === 'server-up'));
});

test('what was said counts for all whom it is about before others are asked', () => {
  const { recorder, members, shared, downs, changes } = recording(1_000, slowly);
  recorder.record(shared, failed);
  recorder.flush();
  assert.equal(downs(), 1_000);
  assert.ok(members.decidedBy(shared).every(({ health }) => !health.up));
  assert.equal(changes(), 1);
});

test('a result that few share is told at once', () => {
  const { recorder, shared, downs, changes } = recording(16);
  recorder.record(shared, failed);
  assert.equal(downs(), 16);
  assert.equal(changes(), 1);
});

test('a server that goes up and down again and again flaps: told once, once a minute, and once that it has settled', async () => {
  let now = 0;
  const { recorder, single, told } = recording(
    1,
    () => {},
    () => now,
  );
  const sum = async (seconds: number): Promise<void> => {
    now = seconds * 1_000;
    recorder.sum({ sums: summary(newSums()), spreads: spreads(newSums()) });
    await setImmediate();
  };
  // What is found at first is no change.
  recorder.record(single, passed);
  for (let change = 0; change < 12; change += 1) {
    now = change * 2_000;
    recorder.record(single, change % 2 === 0 ? failed : passed);
  }
  const flaps = () => told.filter(({ type }) => ['server-flapping', 'server-settled', 'servers-flap'].includes(type));
  assert.equal(flaps().length, 1);
  const [first] = flaps();
  assert.ok(first?.type === 'server-flapping' && first.server === '10.0.0.2:80');
  assert.deepEqual([first.changes, first.seconds], [10, 18]);
  await sum(23);
  assert.equal(flaps().length, 1);
  for (let change = 0; change < 30; change += 1) {
    now = 24_000 + change * 2_000;
    recorder.record(single, change % 2 === 0 ? failed : passed);
  }
  await sum(84);
  const going = flaps()[1];
  assert.ok(going?.type === 'servers-flap');
  assert.deepEqual([going.servers, going.changes, going.most.server], [1, 29, '10.0.0.2:80']);
  await sum(142);
  const settled = flaps()[2];
  assert.ok(settled?.type === 'server-settled');
  assert.deepEqual([settled.up, settled.changes, settled.seconds], [true, 42, 142]);
  assert.equal(flaps().length, 3);
});
