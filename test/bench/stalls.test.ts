import assert from 'node:assert/strict';
import { test } from 'node:test';
import { longestStall, stallLine } from './stalls.js';

test('the longest stall is that of the time asked for', () => {
  const text = [stallLine(100, 900), stallLine(200, 20.25), stallLine(300, 70.5)].join('');
  assert.equal(longestStall(text, 150), 70.5);
  assert.ok(Number.isNaN(longestStall(text, 300)));
  assert.ok(Number.isNaN(longestStall('', 0)));
});
