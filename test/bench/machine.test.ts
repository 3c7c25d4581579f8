import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareCores } from './machine.js';

test('who checks has all processors of a small machine, all but the load’s of a larger one, or those asked for', () => {
  assert.deepEqual(shareCores([0, 1], null), { load: 1, checkers: [0, 1] });
  assert.deepEqual(shareCores([0, 1, 2, 5], null), { load: 5, checkers: [0, 1, 2] });
  assert.deepEqual(shareCores([0, 1], [0]), { load: 1, checkers: [0] });
});
