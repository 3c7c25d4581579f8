import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Jobs } from '../../src/schedule/jobs.js';
import { until } from '../helpers/deadline.js';
import { withoutLeaks } from '../helpers/leaks.js';

const everySecond = '* * * * * *';

test('a job runs when its time comes, one run at a time, and none after its end', async () => {
  await withoutLeaks(async () => {
    const jobs = new Jobs();
    let runs = 0;
    let [now, most] = [0, 0];
    const run = async (): Promise<void> => {
      runs += 1;
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      now -= 1;
    };
    jobs.set({ slow: { expression: everySecond, run }, never: { expression: null, run } });
    await until('it has run twice', () => runs === 2);
    assert.equal(most, 1);
    jobs.set({ slow: { expression: null, run } });
    await until('the last run has ended', () => now === 0);
    jobs.close();
    assert.equal(runs, 2);
  });
});

test('a job whose expression stays is left alone', async () => {
  const jobs = new Jobs();
  let runs = 0;
  const run = (): void => {
    runs += 1;
  };
  for (let turn = 0; turn < 3; turn += 1) jobs.set({ a: { expression: everySecond, run } });
  await until('it runs', () => runs === 1);
  jobs.close();
});
