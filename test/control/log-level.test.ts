import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { LogLevel } from '../../src/control/director.js';
import { LogLevelByHand } from '../../src/control/log-level.js';
import { EventBus } from '../../src/events.js';

const day = 24 * 3_600_000;

test('a level by hand ends when it was said to, beyond what a timer takes', (t) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  t.after(() => mock.timers.reset());
  const levels: (LogLevel | null)[] = [];
  const byHand = new LogLevelByHand((level) => void levels.push(level), new EventBus().publish);
  byHand.set('debug', Date.now() + 30 * day);
  for (let passed = 0; passed < 30 * day - 1; passed += day / 2) {
    assert.deepEqual(levels, ['debug'], `after ${passed / day} days`);
    mock.timers.tick(Math.min(day / 2, 30 * day - 1 - passed));
  }
  assert.deepEqual(levels, ['debug']);
  mock.timers.tick(2);
  assert.deepEqual(levels, ['debug', null]);
});
