import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type State, Timeline, wrongSpans } from './timeline.js';

function timeline(...changes: readonly (readonly [number, State])[]): Timeline {
  const line = new Timeline();
  for (const [at, state] of changes) line.set(at, state);
  return line;
}

const up = timeline([0, true]);

test('a verdict that follows was wrong meanwhile', () => {
  const truth = timeline([0, true], [10, false], [30, true]);
  const verdict = timeline([0, true], [12, false], [35, true]);
  assert.deepEqual(wrongSpans(truth, verdict, 0, 100), [
    { from: 10, to: 12, said: true, outOfNothing: false },
    { from: 30, to: 35, said: false, outOfNothing: false },
  ]);
});

test('a verdict that changes while nothing happens is out of nothing', () => {
  const verdict = timeline([0, true], [40, false], [41, true]);
  assert.deepEqual(wrongSpans(up, verdict, 0, 100), [{ from: 40, to: 41, said: false, outOfNothing: true }]);
});

test('one that never comes is wrong to the end', () => {
  assert.deepEqual(wrongSpans(timeline([0, true], [10, false]), up, 0, 100), [
    { from: 10, to: 100, said: true, outOfNothing: false },
  ]);
});

test('what is not known is not wrong', () => {
  const truth = timeline([0, true], [10, null], [20, false], [30, null], [40, true]);
  const verdict = timeline([0, true], [25, false], [35, true], [38, false]);
  assert.deepEqual(wrongSpans(truth, verdict, 0, 100), [
    { from: 20, to: 25, said: true, outOfNothing: false },
    { from: 40, to: 100, said: false, outOfNothing: false },
  ]);
  assert.deepEqual(wrongSpans(truth, timeline(), 0, 100), []);
});

test('only what is asked for counts', () => {
  assert.deepEqual(wrongSpans(up, timeline([0, false], [50, true]), 40, 100), [
    { from: 40, to: 50, said: false, outOfNothing: true },
  ]);
});
