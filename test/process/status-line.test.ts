import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusLine } from '../../src/process/status-line.js';

test('a line is told when it is another one, at most once in a pause, and the last word is told', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const told: string[] = [];
  let text: string | null = 'one';
  const line = new StatusLine({ text: async () => text, tell: (some) => void told.push(some), pause: 1_000 });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const pass = async (milliseconds: number): Promise<void> => {
    t.mock.timers.tick(milliseconds);
    await settle();
  };
  line.request();
  await pass(999);
  assert.deepEqual(told, []);
  await pass(1);
  assert.deepEqual(told, ['one']);
  line.request();
  await pass(1_000);
  assert.deepEqual(told, ['one'], 'the same is not told again');
  for (text of ['two', 'three', 'four']) {
    line.request();
    await pass(100);
  }
  assert.deepEqual(told, ['one']);
  await pass(700);
  assert.deepEqual(told, ['one', 'four']);
  text = null;
  line.request();
  await pass(1_000);
  assert.equal(await line.now(), 'four', 'what is not known changes nothing');
  text = 'five';
  assert.equal(await line.now(), 'five');
  line.request();
  await pass(1_000);
  assert.deepEqual(told, ['one', 'four'], 'who asked tells it');
  text = 'six';
  line.request();
  line.close();
  line.request();
  await pass(5_000);
  assert.deepEqual(told, ['one', 'four']);
});

test('who cannot say it now is asked again at the next change', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const told: string[] = [];
  let fails = true;
  const text = async (): Promise<string> => {
    if (fails) throw new Error('not now');
    return 'fine';
  };
  const line = new StatusLine({ text, tell: (some) => void told.push(some) });
  for (const isLast of [false, true]) {
    line.request();
    t.mock.timers.tick(1_000);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(told, isLast ? ['fine'] : []);
    fails = false;
  }
});
