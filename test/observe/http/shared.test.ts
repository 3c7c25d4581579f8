import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Shared } from '../../../src/observe/http/shared.js';
import { until } from '../../helpers/deadline.js';

test('those who ask together get one answer; later a new one is made', async () => {
  let made = 0;
  const shared = new Shared(async () => {
    made += 1;
    return made;
  });
  const answers = await Promise.all([shared.get(), shared.get(), shared.get()]);
  assert.deepEqual(answers, [1, 1, 1]);
  await until('a new one is made', async () => (await shared.get()) === 2);
});

test('an answer that could not be made is tried again by the next who asks', async () => {
  let asked = 0;
  const shared = new Shared(async () => {
    asked += 1;
    if (asked === 1) throw new Error('not now');
    return asked;
  });
  await assert.rejects(Promise.all([shared.get(), shared.get()]), /not now/);
  assert.equal(await shared.get(), 2);
});
