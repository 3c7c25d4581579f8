import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tallies } from '../../src/checks/tallies.js';

/** As the main thread and a worker have them, each by the same memory. */
function both() {
  const tallies = new Tallies();
  return { tallies, worker: new Tallies(tallies.memory) };
}

test('results in a row are counted where they are noted, and read where they are wanted', () => {
  const { tallies, worker } = both();
  const place = tallies.add(1);
  assert.deepEqual(tallies.of(place), { streak: 0, at: null });
  const noted = [true, true, false, false, null, false, true].map((ok, second) =>
    worker.note(place, 1, ok, 1000 + second),
  );
  assert.deepEqual(noted, [1, 2, -1, -2, -2, -3, 1]);
  assert.deepEqual(tallies.of(place), { streak: 1, at: 1006 });
});

test('a place that is another’s by now is not written by who had it, and begins anew', () => {
  const { tallies, worker } = both();
  const place = tallies.add(1);
  worker.note(place, 1, false, 1000);
  tallies.remove(place);
  worker.note(place, 1, false, 1001);
  assert.equal(tallies.add(2), place);
  worker.note(place, 1, false, 1002);
  assert.deepEqual(tallies.of(place), { streak: 0, at: null });
  assert.equal(worker.note(place, 2, true, 1003), 1);
});

test('memory that grows is the same for those who had it before', () => {
  const { tallies, worker } = both();
  const before = tallies.memory.byteLength;
  const places = Array.from({ length: 50_000 }, (_, index) => tallies.add(index + 1));
  assert.ok(tallies.memory.byteLength > before);
  for (const [index, place] of places.entries()) worker.note(place, index + 1, false, index + 1);
  for (const [index, place] of places.entries()) assert.deepEqual(tallies.of(place), { streak: -1, at: index + 1 });
});
