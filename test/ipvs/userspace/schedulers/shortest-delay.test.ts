import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { available } from '../../../../src/ipvs/userspace/schedulers/scheduler.js';
import { ShortestDelay } from '../../../../src/ipvs/userspace/schedulers/shortest-delay.js';
import { anyCandidates, candidate, type TestCandidate } from './candidates.js';

function chosenOf(neverQueues: boolean, settings: readonly Partial<TestCandidate>[]) {
  const list = settings.map((one, index) => candidate(index, one));
  const scheduler = new ShortestDelay<TestCandidate>(neverQueues);
  scheduler.update(list);
  return { chosen: scheduler.choose(), able: list.filter(available) };
}

test('sed counts the new connection and takes the first of equals', () => {
  fc.assert(
    fc.property(anyCandidates, (settings) => {
      const { chosen, able } = chosenOf(false, settings);
      const delay = (one: TestCandidate) => (one.activeConnections + 1) / one.weight;
      const shortest = Math.min(...able.map(delay));
      assert.equal(chosen, able.find((one) => delay(one) === shortest) ?? null);
    }),
  );
});

test('nq sends nobody to a queue while somebody is idle', () => {
  const idle = { activeConnections: 0, weight: 1 };
  assert.equal(
    chosenOf(true, [{ activeConnections: 1, weight: 99 }, { ...idle, overloaded: true }, idle]).chosen?.name,
    2,
  );
  fc.assert(
    fc.property(anyCandidates, (settings) => {
      const { chosen, able } = chosenOf(true, settings);
      const idle = able.find((one) => one.activeConnections === 0);
      assert.equal(chosen?.name, idle ? idle.name : chosenOf(false, settings).chosen?.name);
    }),
  );
});
