import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProcessMeter } from '../../../src/observe/metrics/process-sample.js';
import { until } from '../../helpers/deadline.js';

/** Holds the loop up, in milliseconds. */
function holdUp(time: number): void {
  const end = performance.now() + time;
  while (performance.now() < end);
}

test('a moment in which the loop was held up is there for everybody who looks, not for the first alone', async (t) => {
  const meter = new ProcessMeter();
  t.after(() => meter.close());
  const worst = (): number => meter.take().loopDelay.max;
  await until('the loop is measured', () => meter.take().loopDelay.max > 0);
  holdUp(200);
  await until('the first has seen it', () => worst() > 0.15);
  for (let other = 0; other < 3; other += 1) assert.ok(worst() > 0.15);
});

test('it is forgotten after one to two minutes', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const meter = new ProcessMeter();
  t.after(() => meter.close());
  const worst = (): number => meter.take().loopDelay.max;
  await until('the loop is measured', () => worst() > 0);
  holdUp(1_000);
  await until('it is seen', () => worst() > 0.9);
  t.mock.timers.tick(60_000);
  assert.ok(worst() > 0.9);
  await until('it is forgotten', () => {
    t.mock.timers.tick(60_000);
    return worst() < 0.9;
  });
});
