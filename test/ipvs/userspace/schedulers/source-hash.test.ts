import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SourceHash } from '../../../../src/ipvs/userspace/schedulers/source-hash.js';
import { anyClient, type TestCandidate, tally, weighing } from './candidates.js';

function scheduling(list: TestCandidate[], fallback = false, port = false): SourceHash<TestCandidate> {
  const scheduler = new SourceHash<TestCandidate>({ fallback, port });
  scheduler.update(list);
  return scheduler;
}

/** One address for each of the 256 buckets and more. */
const addresses = Array.from({ length: 4096 }, (_, index) => `10.1.${index >> 8}.${index & 255}`);

function chosenBy(scheduler: SourceHash<TestCandidate>, port = 1): (number | undefined)[] {
  return addresses.map((address) => scheduler.choose({ address, port })?.name);
}

test('gives an address the same destination whatever its port', () => {
  const scheduler = scheduling(weighing(1, 2, 3));
  fc.assert(
    fc.property(anyClient, fc.integer({ min: 1, max: 65_535 }), (client, port) => {
      const chosen = scheduler.choose(client);
      assert.ok(chosen);
      assert.equal(scheduler.choose({ ...client, port }), chosen);
    }),
  );
});

test('sh-port counts the port too', () => {
  const scheduler = scheduling(weighing(1, 1), false, true);
  const names = Array.from(
    { length: 64 },
    (_, port) => scheduler.choose({ address: '10.0.0.1', port: port + 1 })?.name,
  );
  assert.ok(tally(names, 2).every((count) => count > 0));
});

test('spreads addresses by weight', () => {
  const [a = 0, b = 0] = tally(chosenBy(scheduling(weighing(3, 1))), 2);
  assert.equal(a + b, addresses.length);
  assert.ok(a > 2 * b && a < 4 * b, `${a} to ${b}`);
});

test('turns away the clients of a quiescent destination, and moves nobody else', () => {
  const list = weighing(1, 1, 1);
  const scheduler = scheduling(list);
  const before = chosenBy(scheduler);
  const [first] = list;
  assert.ok(first);
  first.weight = 0;
  scheduler.update(list);
  assert.deepEqual(
    chosenBy(scheduler),
    before.map((name) => (name === 0 ? undefined : name)),
  );
});

test('sh-fallback spreads the clients of a quiescent destination, and moves nobody else', () => {
  const list = weighing(1, 1, 1);
  const scheduler = scheduling(list, true);
  const before = chosenBy(scheduler);
  const [first] = list;
  assert.ok(first);
  first.weight = 0;
  scheduler.update(list);
  const after = chosenBy(scheduler);
  for (const [index, name] of before.entries()) if (name !== 0) assert.equal(after[index], name);
  const moved = after.filter((_, index) => before[index] === 0);
  const [none, ...others] = tally(moved, 3);
  assert.equal(none, 0);
  assert.ok(others.every((count) => count > moved.length / 4));
});

test('weights beyond the table leave the last ones without a bucket', () => {
  assert.deepEqual(tally(chosenBy(scheduling(weighing(200, 100, 50))), 3).map(Boolean), [true, true, false]);
});
