import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WeightedRoundRobin } from '../../../../src/ipvs/userspace/schedulers/weighted-round-robin.js';
import { candidate, choices, type TestCandidate, tally, weighing } from './candidates.js';
import { WrrModel } from './wrr-model.js';

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

test('begins with the first again after any change, as the kernel does', () => {
  const list = weighing(2, 2, 1);
  const scheduler = scheduling(list);
  assert.deepEqual(choices(scheduler, 1), [0]);
  scheduler.update(list);
  assert.deepEqual(choices(scheduler, 5), [0, 1, 0, 1, 2]);
});

test('begins in the last pass of a round with whom a new service gets', () => {
  for (const weights of [
    [3, 1],
    [1, 3],
    [0, 4, 2],
  ]) {
    const all = weighing(...weights);
    const atOnce = new WeightedRoundRobin<TestCandidate>();
    atOnce.update([]);
    atOnce.update(all);
    const oneByOne = new WeightedRoundRobin<TestCandidate>();
    for (let first = all.length; first >= 0; first--) oneByOne.update(all.slice(first));
    const some = all.filter(({ weight }) => weight > 0).map(({ name }) => name);
    for (const scheduler of [atOnce, oneByOne]) assert.deepEqual(choices(scheduler, some.length), some);
    assert.deepEqual(choices(atOnce, 20), choices(oneByOne, 20));
  }
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

test('chooses as the kernel does step by step, whoever comes, goes, changes or is overloaded', () => {
  const weight = fc.oneof(
    fc.nat(4),
    fc.integer({ min: 0, max: 12 }).map((share) => share * 5),
    fc.nat(300),
  );
  const step = fc.record({
    weights: fc.dictionary(fc.constantFrom('0', '1', '2', '3', '4', '5'), weight),
    gone: fc.array(fc.nat(5), { maxLength: 2 }),
    overloaded: fc.array(fc.nat(5), { maxLength: 4 }),
    connections: fc.nat(12),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const [ours, kernel] = [new WeightedRoundRobin<TestCandidate>(), new WrrModel()];
      let list: TestCandidate[] = [];
      const update = () => {
        ours.update(list);
        kernel.update(list);
      };
      update();
      for (const { weights, gone, overloaded, connections } of steps) {
        for (const [key, one] of Object.entries(weights)) {
          const known = list.find(({ name }) => name === Number(key));
          if (known) known.weight = one;
          else list = [candidate(Number(key), { weight: one }), ...list];
          update();
        }
        for (const left of gone) {
          list = list.filter(({ name }) => name !== left);
          update();
        }
        for (const one of list) one.overloaded = overloaded.includes(one.name);
        for (let more = 0; more < connections; more++) assert.equal(ours.choose(), kernel.choose());
      }
    }),
    { numRuns: 1000 },
  );
});
