import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Jobs } from '../../src/schedule/jobs.js';
import { until } from '../helpers/deadline.js';
import { withoutLeaks } from '../helpers/leaks.js';
import { inZone } from '../helpers/time-zone.js';

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

test('a standstill is made up for once, a sleep is not', (t) => {
  inZone(t, 'UTC');
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.parse('2026-11-22T02:00:00Z') });
  t.after(() => mock.timers.reset());
  const jobs = new Jobs();
  t.after(() => jobs.close());
  let runs = 0;
  const run = (): void => {
    runs += 1;
  };
  jobs.set({ a: { expression: '0 * * * *', run }, b: { expression: '0 0 1 1 *', run } });
  mock.timers.tick(59 * 60_000);
  assert.equal(runs, 0);
  mock.timers.setTime(Date.parse('2026-11-22T03:00:30Z'));
  mock.timers.tick(1_000);
  assert.equal(runs, 1);
  mock.timers.setTime(Date.parse('2026-11-22T09:30:00Z'));
  mock.timers.tick(1_000);
  assert.equal(runs, 1);
});
