import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createScheduler } from '../../../../src/ipvs/userspace/schedulers/by-name.js';
import type { Scheduler } from '../../../../src/ipvs/userspace/schedulers/scheduler.js';
import { candidate, client, type TestCandidate, weigh, weighing } from './candidates.js';

const day = 24 * 60 * 60_000;

function scheduling(name: string, list: readonly TestCandidate[]) {
  const scheduler: Scheduler<TestCandidate> | null = createScheduler(name, []);
  assert.ok(scheduler);
  scheduler.update(list);
  const choose = (address = '198.51.100.1', now = 0) => scheduler.choose(client, { address, now });
  /** A connection that stays. */
  const connect = (address?: string, now?: number) => {
    const chosen = choose(address, now);
    if (chosen) chosen.activeConnections++;
    return chosen?.name;
  };
  return { scheduler, choose, connect };
}

for (const name of ['lblc', 'lblcr']) {
  describe(name, () => {
    test('clients of one address stay together until it is too much, those of another go elsewhere', () => {
      const { connect } = scheduling(name, weighing(3, 3, 3));
      assert.deepEqual(
        [connect('a'), connect('a'), connect('b'), connect('a'), connect('b'), connect('a')],
        [0, 0, 1, 0, 1, 0],
      );
      // 4 connections with a weight of 3, and the third one is idle.
      assert.equal(connect('a'), 2);
      assert.equal(connect('b'), 1);
    });

    test('whoever leaves is forgotten only as long as it is away', () => {
      const list = weighing(9, 9, 9);
      const { scheduler, choose, connect } = scheduling(name, list);
      assert.equal(connect(), 0);
      scheduler.update(list.slice(1));
      scheduler.update([candidate(0, { weight: 9, activeConnections: 1 }), ...list.slice(1)]);
      assert.equal(choose()?.name, 0);
      scheduler.update(list.slice(1));
      assert.equal(connect(), 1);
    });

    test('weight 0 sends clients elsewhere', () => {
      const list = weighing(9, 9);
      const { connect } = scheduling(name, list);
      assert.equal(connect(), 0);
      const [first] = list;
      assert.ok(first);
      weigh(first, 0);
      assert.equal(connect(), 1);
    });

    test('an address that nobody used for a day is forgotten', () => {
      const list = weighing(9, 9);
      const { choose, connect } = scheduling(name, list);
      assert.equal(connect(), 0);
      assert.equal(choose(undefined, day - 1)?.name, 0);
      assert.equal(choose(undefined, 2 * day)?.name, 1);
    });

    test('a flood of addresses takes a bounded place', () => {
      const { choose } = scheduling(name, weighing(1, 1));
      for (let index = 0; index < 40_000; index++) assert.ok(choose(`10.0.${index >> 8}.${index & 255}`, index));
    });
  });
}

test('with lblcr an address leads to who has less to do of its set', () => {
  const list = weighing(2, 2);
  const { connect, choose } = scheduling('lblcr', list);
  assert.deepEqual([connect(), connect(), connect()], [0, 0, 0]);
  // The second one joins.
  assert.equal(connect(), 1);
  const [first, second] = list;
  assert.ok(first && second);
  first.activeConnections = 1;
  second.activeConnections = 2;
  assert.equal(choose()?.name, 0);
  first.activeConnections = 3;
  second.activeConnections = 2;
  assert.equal(choose()?.name, 1);
});

test('with lblcr whoever has the most to do leaves a set that has not changed for a day', () => {
  const list = weighing(2, 2, 2);
  const { connect, choose } = scheduling('lblcr', list);
  for (const expected of [0, 0, 0, 1, 1, 1]) assert.equal(connect(), expected);
  const [first, second, third] = list;
  assert.ok(first && second && third);
  first.activeConnections = 1;
  second.activeConnections = 0;
  third.activeConnections = 2;
  // In use all the time; who has the least is found before one leaves.
  for (let now = 0; now <= day + 60_000; now += day / 4) choose(undefined, now);
  assert.equal(choose(undefined, day + 60_000)?.name, 1);
  second.activeConnections = 2;
  // Only the second one is left, and is not too busy.
  assert.equal(choose(undefined, day + 60_001)?.name, 1);
});
