import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GreatestWeight } from '../../../../src/ipvs/userspace/schedulers/greatest-weight.js';
import { available } from '../../../../src/ipvs/userspace/schedulers/scheduler.js';
import { anyCandidates, candidate, type TestCandidate } from './candidates.js';

for (const overflows of [false, true]) {
  test(`${overflows ? 'ovf' : 'fo'} takes the first of those with the greatest weight`, () => {
    fc.assert(
      fc.property(anyCandidates, (settings) => {
        const list = settings.map((one, index) => candidate(index, one));
        const scheduler = new GreatestWeight<TestCandidate>(overflows);
        scheduler.update(list);
        const able = list.filter((one) => available(one) && !(overflows && one.activeConnections > one.weight));
        const greatest = Math.max(...able.map(({ weight }) => weight));
        assert.equal(scheduler.choose(), able.find(({ weight }) => weight === greatest) ?? null);
      }),
    );
  });
}

test('ovf fills one after the other, one connection beyond its weight, and then turns away', () => {
  const list = [candidate(0, { weight: 2 }), candidate(1, { weight: 3 })];
  const scheduler = new GreatestWeight<TestCandidate>(true);
  scheduler.update(list);
  const names = Array.from({ length: 8 }, () => {
    const chosen = scheduler.choose();
    if (chosen) chosen.activeConnections++;
    return chosen?.name;
  });
  assert.deepEqual(names, [1, 1, 1, 1, 0, 0, 0, undefined]);
});
