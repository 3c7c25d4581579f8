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
  for (const entry of ['a1', 'a2', 'a3', 'a4', 'a5']) kept.take('a', 'a', entry);
  kept.take('b', 'b', 'b1');
  assert.deepEqual(told, ['a1 x1', 'a2 x1', 'b1 x1']);
  kept.close();
  assert.deepEqual(told.slice(3), ['a5 x3']);
});

test('a window ends by itself', async (t) => {
  const { kept, told } = repeats(t, { limit: 1, window: 30 });
  kept.take('a', 'a', 'first');
  kept.take('a', 'a', 'second');
  await until('the second is told', () => told.includes('second x1'));
  kept.take('a', 'a', 'third');
  assert.equal(told.at(-1), 'third x1');
});

test('the number of keys is bounded, and nothing withheld is forgotten', (t) => {
  const { kept, told } = repeats(t, { limit: 1, bound: 3 });
  kept.take('a', 'a', 'a');
  kept.take('a', 'a', 'withheld');
  for (let n = 0; n < 100; n += 1) kept.take(`key ${n}`, 'a', 'other');
  assert.ok(told.includes('withheld x1'));
});

test('the last word about a subject is the last that came', (t) => {
  const { kept, told } = repeats(t, { limit: 2 });
  for (let n = 1; n <= 4; n += 1) for (const wording of ['up', 'down']) kept.take('server', wording, `${wording} ${n}`);
  kept.take('server', 'up', 'up 5');
  kept.close();
  assert.deepEqual(told.slice(4), ['down 4 x2', 'up 5 x3']);
});

test('what is withheld of a subject is told before a new word about it', (t) => {
  const { kept, told } = repeats(t, { limit: 1 });
  for (const entry of ['up 1', 'up 2', 'up 3']) kept.take('server', 'up', entry);
  kept.take('server', 'down', 'down 1');
  assert.deepEqual(told, ['up 1 x1', 'up 3 x2', 'down 1 x1']);
});

test('the number of wordings of a subject is bounded as well', (t) => {
  const { kept, told } = repeats(t, { limit: 1, bound: 3 });
  kept.take('a', 'again', 'a');
  kept.take('a', 'again', 'withheld');
  for (let n = 0; n < 100; n += 1) kept.take('a', `wording ${n}`, 'other');
  assert.equal(told.length, 102);
});
