import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Lease } from '../../../src/ipvs/userspace/lease.js';
import { LiveDestination } from '../../../src/ipvs/userspace/live-destination.js';
import { Persistence } from '../../../src/ipvs/userspace/persistence.js';
import { newCounts } from '../../helpers/counts.js';

function destination(weight = 1): LiveDestination {
  return new LiveDestination(
    { address: '127.0.0.1', port: 80, forward: 'masq', weight, upperThreshold: 0, lowerThreshold: 0 },
    80,
    newCounts(),
  );
}

/** A clock that stands until the test lets time pass, in milliseconds. */
function clock(t: TestContext) {
  let now = 1000;
  t.mock.method(performance, 'now', () => now);
  return (milliseconds: number) => {
    now += milliseconds;
  };
}

test('a stay lasts for its timeout from the last connection on', (t) => {
  const pass = clock(t);
  const persistence = new Persistence(10);
  const stay = persistence.begin('n', destination(), 100);
  pass(99);
  assert.equal(persistence.find('n'), stay);
  stay.enter();
  pass(99);
  stay.leave();
  pass(99);
  assert.equal(persistence.find('n'), stay);
  pass(1);
  assert.equal(persistence.find('n'), null);
});

test('a stay lasts as long as a connection of it', (t) => {
  const pass = clock(t);
  const persistence = new Persistence(10);
  const serving = destination();
  const stay = persistence.begin('n', serving, 100);
  const lease = new Lease({ destination: serving, stay }, 'active', () => {});
  pass(100_000);
  assert.equal(persistence.find('n'), stay);
  lease.release();
  pass(100);
  assert.equal(persistence.find('n'), null);
});

test('a stay ends when its destination is quiescent or gone', () => {
  const persistence = new Persistence(10);
  persistence.begin('quiescent', destination(0), 100_000);
  assert.equal(persistence.find('quiescent'), null);
  const removed = destination();
  const stay = persistence.begin('removed', removed, 100_000);
  assert.equal(persistence.find('removed'), stay);
  for (const _ of removed.remove());
  assert.equal(persistence.find('removed'), null);
});

test('at the bound the network not seen for longest is forgotten', () => {
  const persistence = new Persistence(3);
  for (const network of ['a', 'b', 'c']) persistence.begin(network, destination(), 100_000);
  assert.ok(persistence.find('a'));
  persistence.begin('d', destination(), 100_000);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((network) => persistence.find(network) !== null),
    [true, false, true, true],
  );
});
