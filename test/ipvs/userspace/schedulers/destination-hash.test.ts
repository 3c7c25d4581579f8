import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DestinationHash } from '../../../../src/ipvs/userspace/schedulers/destination-hash.js';
import { client, type TestCandidate, tally, weigh, weighing } from './candidates.js';

test('goes by the address alone, whatever the weights, and turns away who goes to nobody', () => {
  const list = weighing(1, 50, 1, 1);
  const scheduler = new DestinationHash<TestCandidate>();
  scheduler.update(list);
  const chosen = () =>
    Array.from({ length: 4096 }, (_, index) => {
      return scheduler.choose(client, { address: `10.1.${index >> 8}.${index & 255}`, now: 0 })?.name;
    });
  const before = chosen();
  assert.deepEqual(
    tally(before, 4).map((count) => Math.round(count / 1024)),
    [1, 1, 1, 1],
  );
  const [, second] = list;
  assert.ok(second);
  weigh(second, 0);
  assert.deepEqual(
    chosen(),
    before.map((name) => (name === 1 ? undefined : name)),
  );
});
