import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StateRows } from '../../../src/observe/http/state-rows.js';

test('each state stands where it was put, and nowhere else', () => {
  const steps = 7;
  const rows = new StateRows(['a', 'b', 'c'], steps);
  const put: string[][] = rows.servers.map(() => Array.from({ length: steps }, () => '-'));
  for (let round = 0; round < 200; round += 1) {
    const [row, step, letter] = [(round * 5) % 3, (round * 3) % steps, 'udh-'.charAt((round * 11) % 4)];
    rows.set(row, step, letter);
    (put[row] ?? assert.fail())[step] = letter;
    assert.deepEqual(
      rows.servers.map((_, index) => [...rows.course(index, 0)]),
      put,
    );
  }
  rows.set(1, 2, 'x');
  assert.equal(rows.at(1, 2), '-', 'what is no state is not known');
});

test('a course goes round, and a step can be forgotten', () => {
  const rows = new StateRows(['a', 'b'], 5);
  for (const [step, letter] of [...'ud-hu'].entries()) rows.set(1, step, letter);
  assert.equal(rows.course(1, 3), 'huud-');
  rows.forget(1);
  assert.equal(rows.course(1, 0), 'u--hu');
  assert.equal(rows.course(0, 0), '-----');
});

test('of servers that stay what is known stays, wherever they stand', () => {
  const before = new StateRows(['a', 'b'], 4);
  for (let step = 0; step < 4; step += 1) {
    before.set(0, step, 'u');
    before.set(1, step, 'd');
  }
  const after = new StateRows(['c', 'b', 'a'], 4, before);
  assert.deepEqual(
    [0, 1, 2].map((row) => after.course(row, 0)),
    ['----', 'dddd', 'uuuu'],
  );
});
