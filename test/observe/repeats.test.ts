import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Repeats } from '../../src/observe/repeats.js';
import { until } from '../helpers/deadline.js';

function repeats(t: TestContext, options: { limit?: number; window?: number; bound?: number }) {
  const told: string[] = [];
  const kept = new Repeats<string>({ ...options, tell: (entry, times) => told.push(`${entry} x${times}`) });
  t.after(() => kept.close());
  return { kept, told };
}

test('beyond the limit entries are withheld, and the last is told with their number', (t) => {
  const { kept, told } = repeats(t, { limit: 2 });
  for (const entry of ['a1', 'a2', 'a3', 'a4', 'a5']) kept.take('a', entry);
  kept.take('b', 'b1');
  assert.deepEqual(told, ['a1 x1', 'a2 x1', 'b1 x1']);
  kept.close();
  assert.deepEqual(told.slice(3), ['a5 x3']);
});

test('a window ends by itself', async (t) => {
  const { kept, told } = repeats(t, { limit: 1, window: 30 });
  kept.take('a', 'first');
  kept.take('a', 'second');
  await until('the second is told', () => told.includes('second x1'));
  kept.take('a', 'third');
  assert.equal(told.at(-1), 'third x1');
});

test('the number of keys is bounded, and nothing withheld is forgotten', (t) => {
  const { kept, told } = repeats(t, { limit: 1, bound: 3 });
  kept.take('a', 'a');
  kept.take('a', 'withheld');
  for (let n = 0; n < 100; n += 1) kept.take(`key ${n}`, 'other');
  assert.ok(told.includes('withheld x1'));
});
