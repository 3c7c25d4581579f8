import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { available } from '../../../../src/ipvs/userspace/schedulers/scheduler.js';
import { TwoChoices } from '../../../../src/ipvs/userspace/schedulers/two-choices.js';
import { seeded } from '../../../helpers/random.js';
import { anyCandidates, arrival, candidate, choices, client, type TestCandidate, weighing } from './candidates.js';

/** ip_vs_twos_schedule, as it is told in words: with the lots that it draws. */
function kernelsChoice(list: readonly TestCandidate[], lots: readonly [number, number]): TestCandidate | null {
  const able = list.filter(available);
  const cost = ({ activeConnections, inactiveConnections }: TestCandidate) =>
    activeConnections * 256 + inactiveConnections;
  const at = (lot: number) => {
    let sum = 0;
    return able.find(({ weight }) => {
      sum += weight;
      return lot <= sum;
    });
  };
  const [first, second] = [at(lots[0]), at(lots[1])];
  if (first === undefined || second === undefined) return null;
  return second.weight * cost(first) > first.weight * cost(second) ? second : first;
}

test('with the kernel’s lots it chooses whom the kernel chooses', () => {
  fc.assert(
    fc.property(anyCandidates, fc.nat(), fc.nat(), (settings, one, other) => {
      const list = settings.map((each, index) => candidate(index, each));
      const total = list.filter(available).reduce((sum, { weight }) => sum + weight, 0);
      const lots: [number, number] = [one % (total + 1), other % (total + 1)];
      const drawn = [...lots];
      const scheduler = new TwoChoices<TestCandidate>((below) => {
        assert.equal(below, total + 1);
        return drawn.shift() ?? assert.fail('a third lot');
      });
      scheduler.update(list);
      assert.equal(scheduler.choose(client, arrival), kernelsChoice(list, lots));
    }),
    { numRuns: 1_000 },
  );
});

test('among those with nothing to do it is the first lot’s, by weight', () => {
  // Nobody is ever busy for its weight: the first lot alone decides, and one more of it is the first one's.
  const list = weighing(1, 2, 5);
  for (const [lot, name] of [0, 0, 1, 1, 2, 2, 2, 2, 2].entries()) {
    const scheduler = new TwoChoices<TestCandidate>(() => lot);
    scheduler.update(list);
    assert.deepEqual(choices(scheduler, 1), [name]);
  }
});

test('of two that are drawn the less busy one gets it, so that loads stay near to each other', () => {
  const random = seeded(7);
  const list = weighing(1, 1, 1, 3);
  const scheduler = new TwoChoices<TestCandidate>(random);
  scheduler.update(list);
  for (let count = 0; count < 6_000; count += 1) {
    const chosen = scheduler.choose(client, arrival) ?? assert.fail();
    chosen.activeConnections += 1;
  }
  const loads = list.map(({ activeConnections, weight }) => activeConnections / weight);
  for (const load of loads) assert.ok(Math.abs(load - 1_000) < 10, String(loads));
});
