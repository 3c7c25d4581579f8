import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OneAtATime } from '../../src/status/one-at-a-time.js';

test('those who ask while an answer is made share the next one', async () => {
  const finish: ((fails?: boolean) => void)[] = [];
  const answers = new OneAtATime(() => {
    const number = finish.length + 1;
    return new Promise<number>((resolve, reject) => {
      finish.push((fails = false) => (fails ? reject(new Error(`${number}`)) : resolve(number)));
    });
  });
  const first = answers.get();
  const others = Array.from({ length: 90 }, () => answers.get());
  assert.equal(finish.length, 1);
  finish[0]?.();
  assert.equal(await first, 1);
  assert.equal(finish.length, 2);
  const last = answers.get();
  finish[1]?.(true);
  for (const other of others) await assert.rejects(other, /2/);
  finish[2]?.();
  assert.equal(await last, 3);
  const fresh = answers.get();
  finish[3]?.();
  assert.equal(await fresh, 4);
});
