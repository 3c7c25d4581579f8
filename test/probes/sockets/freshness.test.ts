import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFresh } from '../../../src/probes/sockets/freshness.js';

test('what is kept is fresh for a minute, and for twenty uses', () => {
  const began = 5000;
  assert.equal(isFresh(began, 1, began), true);
  assert.equal(isFresh(began, 19, began + 59_999), true);
  assert.equal(isFresh(began, 20, began), false);
  assert.equal(isFresh(began, 1, began + 60_000), false);
});
