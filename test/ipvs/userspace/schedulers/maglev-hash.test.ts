import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MaglevHash } from '../../../../src/ipvs/userspace/schedulers/maglev-hash.js';
import { candidate, type TestCandidate, tally, weigh, weighing } from './candidates.js';

function scheduling(list: TestCandidate[], fallback = false, port = false): MaglevHash<TestCandidate> {
  const scheduler = new MaglevHash<TestCandidate>({ fallback, port });
  scheduler.update(list);
  return scheduler;
}

const addresses = Array.from({ length: 4096 }, (_, index) => `10.1.${index >> 8}.${index & 255}`);

function chosenBy(scheduler: MaglevHash<TestCandidate>): (number | undefined)[] {
  return addresses.map((address) => scheduler.choose({ address, port: 1 })?.name);
}

function moved(before: readonly unknown[], after: readonly unknown[]): number {
  return before.filter((name, index) => name !== after[index]).length;
}

test('spreads addresses by weight', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), (weights) => {
      const sum = weights.reduce((total, weight) => total + weight, 0);
      const counts = tally(chosenBy(scheduling(weighing(...weights))), weights.length);
      for (const [name, weight] of weights.entries()) {
        const share = (addresses.length * weight) / sum;
        assert.ok(Math.abs((counts[name] ?? 0) - share) < addresses.length / 20, `${counts[name]} for ${share}`);
      }
    }),
    { numRuns: 50 },
  );
});

test('moves few clients beside those of who came or went', () => {
  const list = weighing(1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
  const scheduler = scheduling(list);
  const before = chosenBy(scheduler);
  const own = before.filter((name) => name === 4).length;
  scheduler.update(list.filter(({ name }) => name !== 4));
  const without = chosenBy(scheduler);
  assert.ok(without.every((name) => name !== 4));
  assert.ok(moved(before, without) < own + addresses.length / 10);
  scheduler.update(list);
  assert.deepEqual(chosenBy(scheduler), before);
});

test('a weight of 0 turns its clients away and moves nobody, and they come back', () => {
  const list = weighing(2, 3, 4);
  const scheduler = scheduling(list);
  const before = chosenBy(scheduler);
  const [first] = list;
  assert.ok(first);
  weigh(first, 0);
  scheduler.update(list);
  assert.deepEqual(
    chosenBy(scheduler),
    before.map((name) => (name === 0 ? undefined : name)),
  );
  weigh(first, 2);
  scheduler.update(list);
  assert.deepEqual(chosenBy(scheduler), before);
});

test('mh-fallback spreads the clients of a quiescent destination, and moves nobody else', () => {
  const list = weighing(1, 1, 1);
  const scheduler = scheduling(list, true);
  const before = chosenBy(scheduler);
  const [first] = list;
  assert.ok(first);
  weigh(first, 0);
  scheduler.update(list);
  const after = chosenBy(scheduler);
  for (const [index, name] of before.entries()) if (name !== 0) assert.equal(after[index], name);
  const [none, ...others] = tally(
    after.filter((_, index) => before[index] === 0),
    3,
  );
  assert.equal(none, 0);
  for (const count of others) assert.ok(count > 400, `${count}`);
});

test('mh-port counts the port too', () => {
  const scheduler = scheduling(weighing(1, 1), false, true);
  const ports = Array.from(
    { length: 64 },
    (_, port) => scheduler.choose({ address: '10.0.0.1', port: port + 1 })?.name,
  );
  assert.ok(tally(ports, 2).every((count) => count > 0));
});

test('nobody with a weight, and more than the table has places for', () => {
  assert.ok(chosenBy(scheduling(weighing(0, 0))).every((name) => name === undefined));
  const many = Array.from({ length: 5000 }, (_, name) => candidate(name));
  assert.ok(chosenBy(scheduling(many)).every((name) => name !== undefined));
});

test('the largest weights make no endless turn', () => {
  const counts = tally(chosenBy(scheduling(weighing(65_535, 65_534, 1))), 3);
  assert.ok(counts.every((count) => count > 0));
});
