import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LeastConnection } from '../../../../src/ipvs/userspace/schedulers/least-connection.js';
import { available } from '../../../../src/ipvs/userspace/schedulers/scheduler.js';
import { anyCandidates, arrival, candidate, client, type TestCandidate, tally, weighing } from './candidates.js';

const address = '198.51.100.1';

function scheduling(weighted: boolean, list: readonly TestCandidate[]) {
  const scheduler = new LeastConnection<TestCandidate>(weighted);
  scheduler.update(list);
  return (now = 0) => scheduler.choose(client, { address, now });
}

test('clients that come one after another are shared out by weight', () => {
  const choose = scheduling(true, weighing(3, 1));
  const names = Array.from({ length: 400 }, (_, turn) => choose(turn * 100)?.name);
  assert.deepEqual(tally(names, 2), [300, 100]);
});

test('a connection that ended counts for two minutes, and then no more', () => {
  const [first, second] = weighing(1, 1);
  assert.ok(first && second);
  const choose = scheduling(false, [first, second]);
  assert.equal(choose(), first);
  assert.equal(choose(1), second);
  // The second one has a connection that stays, the first one that of a while ago.
  second.inactiveConnections = 1;
  assert.equal(choose(105_000), first);
  assert.equal(choose(106_000), second);
  assert.equal(choose(400_000), first);
});

test('an active connection costs more than many that ended', () => {
  const list = weighing(1, 1);
  const choose = scheduling(false, list);
  const [first] = list;
  assert.ok(first);
  first.activeConnections = 1;
  const names = Array.from({ length: 256 }, () => choose()?.name);
  assert.deepEqual(tally(names, 2), [0, 256]);
});

test('while none has ended the first of those with the least is chosen, as in the kernel', () => {
  fc.assert(
    fc.property(fc.boolean(), anyCandidates, fc.nat(60), (weighted, settings, rounds) => {
      const list = settings.map((one, index) => candidate(index, one));
      const choose = scheduling(weighted, list);
      for (let round = 0; round <= rounds; round++) {
        const load = (one: TestCandidate) =>
          (one.activeConnections * 256 + one.inactiveConnections) / (weighted ? one.weight : 1);
        const able = list.filter(available);
        const least = Math.min(...able.map(load));
        const chosen = choose(arrival.now);
        assert.equal(chosen, able.find((one) => load(one) === least) ?? null);
        if (chosen) chosen.activeConnections++;
      }
    }),
  );
});
