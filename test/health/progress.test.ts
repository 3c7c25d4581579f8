import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Progress } from '../../src/health/progress.js';

test('a start lasts until every check has answered and that is carried out', () => {
  const progress = new Progress();
  progress.begin(new Set(['a', 'b']));
  progress.settle();
  assert.equal(progress.phase, 'starting');
  assert.deepEqual(
    [progress.noteAnswer('a'), progress.noteAnswer('a'), progress.noteAnswer('b')],
    [false, false, true],
  );
  assert.equal(progress.phase, 'starting');
  progress.settle();
  assert.equal(progress.phase, 'running');
});

test('a reload waits for the checks that it brought, and for none where it brought none', () => {
  const progress = new Progress();
  progress.begin(new Set(['a']));
  progress.noteAnswer('a');
  progress.settle();
  progress.begin(new Set(['a', 'b']));
  assert.equal(progress.phase, 'reloading');
  progress.begin(new Set(['a', 'b', 'c']));
  progress.noteAnswer('b');
  progress.settle();
  assert.equal(progress.phase, 'reloading');
  progress.begin(new Set(['a']));
  progress.settle();
  assert.equal(progress.phase, 'running');
});

test('stopping is the last', () => {
  const progress = new Progress();
  progress.stop();
  progress.begin(new Set(['a']));
  progress.noteAnswer('a');
  progress.settle();
  assert.equal(progress.phase, 'stopping');
});
