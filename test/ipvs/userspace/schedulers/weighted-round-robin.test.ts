import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WeightedRoundRobin } from '../../../../src/ipvs/userspace/schedulers/weighted-round-robin.js';
import { choices, type TestCandidate, tally, weighing } from './candidates.js';

function scheduling(list: TestCandidate[]): WeightedRoundRobin<TestCandidate> {
  const scheduler = new WeightedRoundRobin<TestCandidate>();
  scheduler.update(list);
  return scheduler;
}

test('interleaves as the kernel does', () => {
  // The example of the LVS documentation: weights 4, 3 and 2 give AABABCABC.
  assert.deepEqual(choices(scheduling(weighing(4, 3, 2)), 18), [0, 0, 1, 0, 1, 2, 0, 1, 2, 0, 0, 1, 0, 1, 2, 0, 1, 2]);
  assert.deepEqual(choices(scheduling(weighing(20, 10)), 6), [0, 0, 1, 0, 0, 1]);
});

test('gives each its share in every round', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(12), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 9 }),
      (shares, factor) => {
        const round = shares.reduce((sum, share) => sum + share, 0);
        fc.pre(round > 0);
        const scheduler = scheduling(weighing(...shares.map((share) => share * factor)));
        // A common factor of the shares makes the round shorter, and this many choices several rounds.
        for (let turn = 0; turn < 3; turn++) assert.deepEqual(tally(choices(scheduler, round), shares.length), shares);
      },
    ),
  );
});

test('equal weights take turns', () => {
  assert.deepEqual(choices(scheduling(weighing(1, 1, 1, 1)), 8), [0, 1, 2, 3, 0, 1, 2, 3]);
});

test('shares among the rest while one is overloaded', () => {
  const list = weighing(65_535, 2, 1);
  const scheduler = scheduling(list);
  const [first] = list;
  assert.ok(first);
  first.overloaded = true;
  assert.deepEqual(tally(choices(scheduler, 300), 3), [0, 200, 100]);
});

test('starves nobody, however often weights change', () => {
  const list = weighing(5, 1, 1, 1, 1);
  const scheduler = scheduling(list);
  const names = [];
  for (let turn = 0; turn < 200; turn++) {
    for (const one of list) one.weight = 1 + ((turn + one.name) % 3);
    scheduler.update([...list]);
    names.push(...choices(scheduler, 1));
  }
  for (const count of tally(names, list.length)) assert.ok(count >= 10, `${count} of 200`);
});

test('holds to the new shares after a change in the middle of a round', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 3, maxLength: 3 }),
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 3, maxLength: 3 }),
      fc.nat(40),
      (before, after, choicesBetween) => {
        const list = weighing(...before);
        const scheduler = scheduling(list);
        choices(scheduler, choicesBetween);
        for (const one of list) one.weight = after[one.name] ?? 0;
        scheduler.update(list);
        const round = after.reduce((sum, share) => sum + share, 0);
        // What is left of the round that was under way comes first.
        choices(scheduler, round);
        assert.deepEqual(tally(choices(scheduler, round), 3), after);
      },
    ),
  );
});
