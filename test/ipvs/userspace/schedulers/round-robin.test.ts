import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RoundRobin } from '../../../../src/ipvs/userspace/schedulers/round-robin.js';
import { candidate, choices, type TestCandidate, weighing } from './candidates.js';

test('takes each in turn and leaves out weight 0', () => {
  const scheduler = new RoundRobin<TestCandidate>();
  scheduler.update(weighing(1, 0, 9, 2));
  assert.deepEqual(choices(scheduler, 7), [0, 2, 3, 0, 2, 3, 0]);
});

test('goes on from its place when the list changes', () => {
  const scheduler = new RoundRobin<TestCandidate>();
  const list = weighing(1, 1, 1, 1);
  scheduler.update(list);
  assert.deepEqual(choices(scheduler, 3), [0, 1, 2]);
  scheduler.update([candidate(9), ...list]);
  assert.deepEqual(choices(scheduler, 3), [3, 9, 0]);
  scheduler.update(list.slice(2));
  assert.deepEqual(choices(scheduler, 3), [2, 3, 2]);
});

test('goes on behind the nearest that is left when its place is deleted', () => {
  const scheduler = new RoundRobin<TestCandidate>();
  const list = weighing(1, 1, 1, 1);
  scheduler.update(list);
  assert.deepEqual(choices(scheduler, 3), [0, 1, 2]);
  scheduler.update(list.filter(({ name }) => name !== 1 && name !== 2));
  assert.deepEqual(choices(scheduler, 2), [3, 0]);
});
