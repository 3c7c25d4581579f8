import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountedPlaces, forgetHeld, statisticsAt, trafficAt } from '../../../src/ipvs/userspace/counted.js';
import { Counts } from '../../../src/ipvs/userspace/counts.js';

test('what passes a destination passes its service, and each is counted at its place', () => {
  const places = new CountedPlaces();
  const [at, first, second] = [places.take(), places.take(), places.take()];
  const service = new Counts(at, null);
  const [one, two] = [new Counts(first, service), new Counts(second, service)];
  one.connection();
  two.connection();
  one.received(10);
  one.answered(1_000);
  two.answered(5);
  two.hold(3, 4);
  const totals = [at, first, second].map((place) => Object.values(trafficAt(place).total));
  assert.deepEqual(totals, [
    [2n, 1n, 2n, 10n, 1_005n],
    [1n, 1n, 1n, 10n, 1_000n],
    [1n, 0n, 1n, 0n, 5n],
  ]);
  assert.deepEqual(statisticsAt(second), { activeConnections: 3, inactiveConnections: 4 });
  assert.deepEqual(statisticsAt(first), { activeConnections: 0, inactiveConnections: 0 });
});

test('rates go a quarter of the way to what has passed in the last two seconds, as the kernel’s do', () => {
  const place = new CountedPlaces().take();
  const counts = new Counts(place, null);
  const rate = () => trafficAt(place).rate.outBytes;
  const rates = [8_000, 8_000, 0].map((bytes) => {
    counts.answered(bytes);
    counts.estimate();
    return rate();
  });
  assert.deepEqual(rates, [1_000n, 1_750n, 1_313n]);
});

test('a thread that is gone holds nothing, and what has passed stays counted', () => {
  const places = new CountedPlaces();
  const [place, other] = [places.take(), places.take()];
  for (const at of [place, other]) {
    const counts = new Counts(at, null);
    counts.connection();
    counts.hold(1, 2);
    counts.estimate();
  }
  forgetHeld(place);
  assert.deepEqual(statisticsAt(place), { activeConnections: 0, inactiveConnections: 0 });
  assert.deepEqual([trafficAt(place).total.connections, trafficAt(place).rate.connections], [1n, 0n]);
  assert.deepEqual(statisticsAt(other), { activeConnections: 1, inactiveConnections: 2 });
  // Whose place it becomes begins with nothing.
  places.give(place);
  assert.equal(places.take(), place);
  assert.equal(trafficAt(place).total.connections, 0n);
});

test('there is a place for as many as there are', () => {
  const places = new CountedPlaces();
  const taken = Array.from({ length: 1_000 }, () => places.take());
  for (const [index, place] of taken.entries()) new Counts(place, null).hold(index, 0);
  assert.deepEqual(
    taken.map((place) => statisticsAt(place).activeConnections),
    taken.map((_, index) => index),
  );
});
