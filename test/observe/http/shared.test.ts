import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Shared } from '../../../src/observe/http/shared.js';
import { until } from '../../helpers/deadline.js';

test('those who ask together get one answer; later a new one is made', async () => {
  let made = 0;
  const shared = new Shared<number>();
  const ask = () =>
    shared.get('a', async () => {
      made += 1;
      return made;
    });
  const answers = await Promise.all([ask(), ask(), ask()]);
  assert.deepEqual(answers, [1, 1, 1]);
  assert.equal(await shared.get('b', async () => 7), 7);
  await until('a new one is made', async () => (await ask()) === 2);
});

test('an answer that could not be made is tried again by the next who asks', async () => {
  let asked = 0;
  const shared = new Shared<number>();
  const ask = () =>
    shared.get('a', async () => {
      asked += 1;
      if (asked === 1) throw new Error('not now');
      return asked;
    });
  await assert.rejects(Promise.all([ask(), ask()]), /not now/);
  assert.equal(await ask(), 2);
});

test('only so many are made at once; of those that are made the oldest goes for a new one', async () => {
  const shared = new Shared<number>();
  const ends: (() => void)[] = [];
  const slow = (name: number) =>
    shared.get(String(name), () => new Promise((resolve) => ends.push(() => resolve(name))));
  const under = Array.from({ length: 64 }, (_, name) => slow(name));
  await assert.rejects(slow(64), /64 other answers are being made/);
  ends[0]?.();
  await under[0];
  const another = slow(65);
  for (const end of ends) end();
  assert.equal(await another, 65);
  assert.equal(await under[63], 63);
});
