import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Timed, TimerWheel } from '../../src/probes/timer-wheel.js';
import { monotonic } from '../../src/system/clock.js';
import { until } from '../helpers/deadline.js';

class Entry extends Timed {
  readonly name: string;

  constructor(due: number, name: string) {
    super(due);
    this.name = name;
  }
}

function entryIn(milliseconds: number, name = ''): Entry {
  return new Entry(monotonic() + milliseconds, name);
}

test('everything fires once, none early, in the order of time', async () => {
  const fired: { entry: Entry; at: number }[] = [];
  const wheel = new TimerWheel<Entry>((entry) => fired.push({ entry, at: monotonic() }));
  const entries = fc.sample(fc.integer({ min: -20, max: 300 }), 400).map((wait) => entryIn(wait));
  // What is overdue by then fires in the order of adding.
  const inTime = new Set<Entry>();
  for (const entry of entries) {
    wheel.add(entry);
    if (entry.due > monotonic()) inTime.add(entry);
  }
  await until('all have fired', () => fired.length >= entries.length);
  wheel.close();
  assert.equal(fired.length, entries.length);
  assert.equal(new Set(fired.map(({ entry }) => entry)).size, entries.length);
  for (const { entry, at } of fired) assert.ok(at >= entry.due, `${entry.due - at} ms early`);
  // Within one slot the order is that of adding.
  const slots = fired.filter(({ entry }) => inTime.has(entry)).map(({ entry }) => entry.due);
  for (let at = 1; at < slots.length; at += 1) {
    assert.ok((slots[at] ?? 0) >= (slots[at - 1] ?? 0) - 25, 'the order of time');
  }
});

test('what was removed does not fire, whenever that was', async () => {
  const fired: string[] = [];
  const wheel = new TimerWheel<Entry>(({ name }) => {
    fired.push(name);
    wheel.remove(late);
    wheel.remove(twin);
  });
  const twin = entryIn(20, 'twin');
  const late = entryIn(60, 'late');
  const never = entryIn(10, 'never');
  const first = entryIn(20, 'first');
  // In this order they fire even where all are overdue by now.
  for (const entry of [never, first, twin, late]) wheel.add(entry);
  wheel.remove(never);
  wheel.remove(never);
  await until('one fires', () => fired.length > 0);
  await sleep(100);
  wheel.close();
  assert.deepEqual(fired, ['first']);
});

test('an entry that fires can be added again, overdue ones included', async () => {
  let times = 0;
  const wheel = new TimerWheel<Entry>((entry) => {
    times += 1;
    entry.due -= 1000;
    if (times < 5) wheel.add(entry);
  });
  wheel.add(entryIn(5));
  await until('it has fired again and again', () => times >= 5);
  wheel.close();
  assert.equal(times, 5);
});

test('an entry further off than a round waits for its own', async () => {
  const fired: string[] = [];
  const wheel = new TimerWheel<Entry>(({ name }) => fired.push(name));
  // 4,096 slots of 4 ms: both stand in one slot.
  wheel.add(entryIn(50 + 16_384, 'far'));
  wheel.add(entryIn(50, 'near'));
  await until('one fires', () => fired.length > 0);
  wheel.close();
  assert.deepEqual(fired, ['near']);
});

test('an earlier entry wakes a wheel that sleeps for a later one', async () => {
  const fired: string[] = [];
  const wheel = new TimerWheel<Entry>(({ name }) => fired.push(name));
  wheel.add(entryIn(10_000, 'later'));
  wheel.add(entryIn(10, 'earlier'));
  await until('one fires', () => fired.length > 0);
  wheel.close();
  assert.deepEqual(fired, ['earlier']);
});

test('a closed wheel fires nothing', async () => {
  const wheel = new TimerWheel<Entry>(() => assert.fail('fired'));
  wheel.add(entryIn(10));
  wheel.close();
  wheel.add(entryIn(10));
  await sleep(60);
});

test('a wheel that has become empty holds up nothing, and goes on with the next entry', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const fired: string[] = [];
  const wheel = new TimerWheel<Entry>(({ name }) => fired.push(name));
  const gone = entryIn(40, 'gone');
  wheel.add(gone);
  assert.equal(timers(), before + 1);
  wheel.remove(gone);
  assert.equal(timers(), before);
  wheel.add(entryIn(80, 'later'));
  assert.equal(timers(), before + 1);
  await until('the later one fires', () => fired.length > 0);
  assert.equal(timers(), before);
  assert.deepEqual(fired, ['later']);
  wheel.add(entryIn(10, 'another'));
  await until('another fires', () => fired.length > 1);
  wheel.close();
});
