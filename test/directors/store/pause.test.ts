import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseBefore, pauses } from '../../../src/directors/store/pause.js';

test('pauses double up to the longest, half of each by chance', () => {
  const all = [1, 2, 3, 4, 5, 6, 7, 50, 1_000];
  assert.deepEqual(
    all.map((attempt) => pauseBefore(attempt, 1)),
    [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000],
  );
  assert.equal(pauseBefore(1, 0), pauses.first / 2);
  assert.equal(pauseBefore(1_000, 0), pauses.longest / 2);
});
