import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce, inSlices, type Work } from '../src/slices.js';

/** Work of so many steps of a millisecond each. */
function* counting(steps: number): Work<number> {
  for (let step = 0; step < steps; step += 1) {
    const end = performance.now() + 1;
    while (performance.now() < end);
    yield;
  }
  return steps;
}

function* failing(): Work<never> {
  yield;
  throw new Error('cannot be done');
}

test('work gives the same at once and in slices', async () => {
  assert.equal(atOnce(counting(3)), 3);
  assert.equal(await inSlices(counting(3)), 3);
  assert.throws(() => atOnce(failing()), /cannot be done/);
  await assert.rejects(inSlices(failing()), /cannot be done/);
});

test('a clock that is set back ends the slice', async (t) => {
  let now = 1_795_000_000_000;
  t.mock.method(Date, 'now', () => {
    now -= 3_600_000;
    return now;
  });
  let [turns, steps] = [0, 0];
  const turn = (): void => {
    turns += 1;
    if (steps < 20) setImmediate(turn);
  };
  setImmediate(turn);
  await inSlices(
    (function* (): Work<void> {
      for (; steps < 20; steps += 1) yield;
    })(),
  );
  assert.ok(turns >= 19, `${turns} turns`);
});

test('between the slices the loop turns', async () => {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  atOnce(counting(100));
  assert.equal(turns, 0);
  await inSlices(counting(100));
  clearInterval(timer);
  assert.ok(turns >= 3, `${turns} turns`);
});
