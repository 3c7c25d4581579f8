import assert from 'node:assert/strict';
import { test } from 'node:test';
import { longestStall, parseScheduled, stallLine, stallOf } from './stalls.js';

const stalled = (stall: number) => ({ stall, running: stall / 2, waiting: stall / 4 });

test('the longest stall is that of the time asked for', () => {
  const text = [
    stallLine(100, { ...stalled(900), ownLongest: 800, ranLongest: 700 }),
    stallLine(200, { ...stalled(20), ownLongest: 19.5, ranLongest: 1 }),
    stallLine(300, { ...stalled(70), ownLongest: 10, ranLongest: 40 }),
  ].join('');
  assert.deepEqual(longestStall(text, 150), { ...stalled(70), ownLongest: 19.5, ranLongest: 40 });
  for (const after of [300, 1_000]) assert.ok(Number.isNaN(longestStall(text, after).stall));
  assert.ok(Number.isNaN(longestStall('', 0).ownLongest));
});

test('a stall is what is more than the time between looks, and its own what was not spent waiting for a processor', () => {
  assert.deepEqual(stallOf({ stall: 90, running: 50, waiting: 30 }, 10), {
    ...{ stall: 80, running: 50, waiting: 30 },
    own: 50,
  });
  assert.deepEqual(stallOf({ stall: 11, running: 10, waiting: 0.5 }, 10), {
    ...{ stall: 1, running: 1, waiting: 0.5 },
    own: 0.5,
  });
  assert.deepEqual(stallOf({ stall: 9, running: 2, waiting: 7 }, 10), { stall: 0, running: 0, waiting: 0, own: 0 });
});

test('what the kernel says of a thread is in nanoseconds', () => {
  assert.deepEqual(parseScheduled('79628000 214504000 2\n'), { running: 79.628, waiting: 214.504 });
});
