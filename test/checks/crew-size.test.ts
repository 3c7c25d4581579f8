import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CrewSize } from '../../src/checks/crew-size.js';

function looked(size: CrewSize, times: number, workers: number, load: number, share: number): boolean[] {
  return Array.from({ length: times }, () => size.areTooFew(Array(workers).fill(share), load));
}

test('there are as many workers as the checks keep busy, and no more than may be', () => {
  const size = new CrewSize();
  assert.equal(size.of(0, 8), 0);
  assert.equal(size.of(0.01, 8), 1);
  assert.equal(size.of(0.7, 8), 1);
  assert.equal(size.of(0.71, 8), 2);
  assert.equal(size.of(3, 8), 5);
  assert.equal(size.of(100, 8), 8);
});

test('where they stay too busy there is one more, and as many more where there is more to do', () => {
  const size = new CrewSize();
  assert.deepEqual(looked(size, 10, 1, 0.5, 0.95).indexOf(true), 9);
  assert.equal(size.of(0.5, 8), 2);
  assert.equal(size.of(1, 8), 3);
  // Two are busy for half of their time each now; nothing follows from that.
  assert.ok(!looked(size, 100, 2, 0.5, 0.5).includes(true));
  assert.equal(size.of(0.5, 8), 2);
  // More of the same keeps those too busy that there are.
  assert.ok(looked(size, 10, 3, 1, 0.9).includes(true));
  assert.equal(size.of(1, 8), 4);
});

test('a busy moment is no reason, and nothing to do is none', () => {
  const size = new CrewSize();
  for (let round = 0; round < 20; round += 1) {
    assert.ok(!looked(size, 9, 1, 0.5, 1).includes(true));
    assert.ok(!size.areTooFew([0.8], 0.5));
  }
  assert.ok(!looked(size, 50, 1, 0, 1).includes(true));
  assert.equal(size.of(0.5, 8), 1);
});
