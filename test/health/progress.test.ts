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

test('a reload that comes before the end of another waits for what is left of both', () => {
  const progress = new Progress();
  progress.begin(new Set(['a', 'b', 'c']));
  progress.noteAnswer('a');
  progress.begin(new Set(['a', 'b', 'd']), new Set(['d']));
  assert.deepEqual(
    ['a', 'c', 'b', 'b'].map((check) => progress.noteAnswer(check)),
    [false, false, false, false],
  );
  assert.ok(!progress.isSettled);
  assert.ok(progress.noteAnswer('d'));
  assert.ok(progress.isSettled);
  progress.begin(new Set(['a', 'b', 'd']), new Set());
  assert.ok(progress.isSettled, 'what has answered is not waited for again');
});

test('stopping is the last', () => {
  const progress = new Progress();
  progress.stop();
  progress.begin(new Set(['a']));
  progress.noteAnswer('a');
  progress.settle();
  assert.equal(progress.phase, 'stopping');
});
