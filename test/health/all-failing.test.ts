import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AllFailing, type Isolation } from '../../src/health/all-failing.js';

/** Results as `check:second` that fail, with a `+` before those that pass; what is told, and when. */
function told(checks: readonly string[], ...results: readonly string[]): (readonly [string, Isolation])[] {
  const failing = new AllFailing();
  failing.takeOver(new Set(checks), 10_000);
  return results.flatMap((result) => {
    const [check = '', second] = result.replace('+', '').split(':');
    const found = failing.note(check, result.startsWith('+'), Number(second) * 1000);
    return found === null ? [] : [[result, found] as const];
  });
}

test('it begins when the last one fails, is told once, and ends with the first that passes', () => {
  assert.deepEqual(told(['a', 'b', 'c'], 'a:1', 'b:2', 'b:3', 'c:4', 'a:11', '+b:12', '+a:13'), [
    ['c:4', 'began'],
    ['+b:12', 'ended'],
  ]);
});

test('those that went one after another have nothing in common, and one alone is none', () => {
  assert.deepEqual(told(['a', 'b', 'c'], 'a:1', 'b:12', 'c:30'), []);
  assert.deepEqual(told(['a'], 'a:1'), []);
  assert.deepEqual(told(['a', 'b'], 'a:1', '+a:2', 'b:3'), []);
  assert.deepEqual(told(['a', 'b'], 'a:1', 'gone:2'), []);
});

test('one that was down for long is no sign against it', () => {
  assert.deepEqual(told(['a', 'b', 'c', 'd'], 'a:1', 'b:1000', 'c:1001', 'd:1002'), [['d:1002', 'began']]);
  assert.deepEqual(told(['a', 'b', 'c', 'd'], 'a:1', 'b:2', 'c:1001'), []);
});

test('a check that goes with a reload is missed no more', () => {
  const failing = new AllFailing();
  failing.takeOver(new Set(['a', 'b', 'c']), 10_000);
  failing.note('a', false, 0);
  failing.note('b', false, 0);
  failing.takeOver(new Set(['b', 'd']), 10_000);
  assert.equal(failing.note('b', false, 1), null);
  assert.equal(failing.note('d', false, 2), 'began');
});

test('a check that rests is not missed', () => {
  const failing = new AllFailing();
  failing.takeOver(new Set(['a', 'b', 'c']), 10_000);
  failing.note('a', false, 0);
  failing.rest(new Set(['c', 'another']));
  assert.equal(failing.size, 2);
  assert.equal(failing.note('b', false, 1), 'began');
  failing.rest(new Set());
  assert.equal(failing.size, 3);
});
