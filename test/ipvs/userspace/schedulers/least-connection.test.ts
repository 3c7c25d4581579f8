import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LeastConnection } from '../../../../src/ipvs/userspace/schedulers/least-connection.js';
import { available } from '../../../../src/ipvs/userspace/schedulers/scheduler.js';
import { anyCandidates, arrival, candidate, client, type TestCandidate, tally, weighing } from './candidates.js';

test('an active connection costs as much as 256 inactive ones', () => {
  const scheduler = new LeastConnection<TestCandidate>(false);
  const busy = candidate(0, { activeConnections: 1 });
  const idle = candidate(1, { inactiveConnections: 255 });
  scheduler.update([busy, idle]);
  assert.equal(scheduler.choose(client, arrival), idle);
  idle.inactiveConnections = 257;
  assert.equal(scheduler.choose(client, arrival), busy);
});

test('those that have nothing to do get connections in turn', () => {
  for (const weighted of [false, true]) {
    const scheduler = new LeastConnection<TestCandidate>(weighted);
    const list = weighing(1, 1, 1);
    scheduler.update(list);
    const turn = list.map(() => scheduler.choose(client, arrival)?.name);
    assert.deepEqual(turn, [0, 1, 2]);
    // The turn goes on where it stood, whoever comes and goes.
    scheduler.choose(client, arrival);
    scheduler.update(list.slice(0, 2));
    assert.equal(scheduler.choose(client, arrival), list[1]);
  }
});

test('nobody available has less to do than the one chosen', () => {
  for (const weighted of [false, true]) {
    fc.assert(
      fc.property(anyCandidates, (settings) => {
        const list = settings.map((one, index) => candidate(index, one));
        const scheduler = new LeastConnection<TestCandidate>(weighted);
        scheduler.update(list);
        const load = (one: TestCandidate) =>
          (one.activeConnections * 256 + one.inactiveConnections) / (weighted ? one.weight : 1);
        const chosen = scheduler.choose(client, arrival);
        if (chosen) for (const one of list.filter(available)) assert.ok(load(one) >= load(chosen));
        else assert.ok(!list.some(available));
      }),
    );
  }
});

test('connections that stay are shared out in proportion to weight', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), (weights) => {
      const scheduler = new LeastConnection<TestCandidate>(true);
      scheduler.update(weighing(...weights));
      const names = [];
      for (let index = weights.reduce((sum, weight) => sum + weight, 0) * 4; index > 0; index--) {
        const chosen = scheduler.choose(client, arrival);
        assert.ok(chosen);
        chosen.activeConnections++;
        names.push(chosen.name);
      }
      assert.deepEqual(
        tally(names, weights.length),
        weights.map((weight) => weight * 4),
      );
    }),
  );
});
