import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Paced, type PacedOptions } from '../../src/reconcile/paced.js';
import { until } from '../helpers/deadline.js';

/** Work that takes so many milliseconds, and when its runs began and ended. */
function paced(duration: number, options: PacedOptions = {}) {
  const runs: { began: number; ended: number }[] = [];
  const kept = new Paced(async () => {
    const run = { began: performance.now(), ended: Number.NaN };
    runs.push(run);
    if (duration > 0) await sleep(duration);
    run.ended = performance.now();
  }, options);
  return { kept, runs };
}

test('a request alone is met in the next turn, and those of one turn together', async () => {
  const { kept, runs } = paced(0);
  for (let count = 0; count < 100; count += 1) kept.request();
  assert.equal(runs.length, 0);
  await new Promise(setImmediate);
  assert.equal(runs.length, 1);
  await sleep(20);
  kept.request();
  await new Promise(setImmediate);
  assert.equal(runs.length, 2);
});

test('a run is followed by a rest as long as it was, and nothing asked for meanwhile is forgotten', async () => {
  const { kept, runs } = paced(30);
  const until = performance.now() + 300;
  let last = 0;
  while (performance.now() < until) {
    last = performance.now();
    kept.request();
    await sleep(1);
  }
  await sleep(200);
  assert.ok(runs.length >= 2);
  for (const [index, { began }] of runs.entries()) {
    const before = runs[index - 1];
    // A timer of Node may be early by a millisecond.
    if (before) assert.ok(began - before.ended >= before.ended - before.began - 2);
  }
  assert.ok((runs.at(-1)?.began ?? 0) >= last);
});

test('the rest has a bound, however long the work took', async () => {
  const { kept, runs } = paced(500, { longestRest: 1 });
  kept.request();
  await new Promise(setImmediate);
  kept.request();
  await until('it ran twice', () => runs.length === 2);
  kept.close();
  const [first, second] = runs;
  assert.ok(first && second && second.began - first.ended < 400);
});

test('closed, it begins nothing', async () => {
  const { kept, runs } = paced(10);
  kept.request();
  await new Promise(setImmediate);
  kept.request();
  kept.close();
  kept.request();
  await sleep(50);
  assert.equal(runs.length, 1);
});
