import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Lease } from '../../../src/ipvs/userspace/lease.js';
import { LiveDestination } from '../../../src/ipvs/userspace/live-destination.js';
import { Persistence, StayShare } from '../../../src/ipvs/userspace/persistence.js';
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
  const persistence = new Persistence(10, new StayShare(10));
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
  const persistence = new Persistence(10, new StayShare(10));
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
  const persistence = new Persistence(10, new StayShare(10));
  persistence.begin('quiescent', destination(0), 100_000);
  assert.equal(persistence.find('quiescent'), null);
  const removed = destination();
  const stay = persistence.begin('removed', removed, 100_000);
  assert.equal(persistence.find('removed'), stay);
  for (const _ of removed.remove());
  assert.equal(persistence.find('removed'), null);
});

test('at the bound the network not seen for longest is forgotten', () => {
  const persistence = new Persistence(3, new StayShare(10));
  for (const network of ['a', 'b', 'c']) persistence.begin(network, destination(), 100_000);
  assert.ok(persistence.find('a'));
  persistence.begin('d', destination(), 100_000);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((network) => persistence.find(network) !== null),
    [true, false, true, true],
  );
});

test('at the bound of all services each makes room among its own', (t) => {
  const pass = clock(t);
  const share = new StayShare(4);
  const [one, other] = [new Persistence(10, share), new Persistence(10, share)];
  const known = (persistence: Persistence) => ['a', 'b', 'c'].filter((network) => persistence.find(network) !== null);
  for (const network of ['a', 'b', 'c']) one.begin(network, destination(), 100);
  for (const network of ['a', 'b', 'c']) other.begin(network, destination(), 1_000);
  // A service that comes late has one at least.
  assert.deepEqual([known(one), known(other)], [['a', 'b', 'c'], ['c']]);
  // What has ended, is taken back or goes with its service makes room again.
  pass(100);
  assert.deepEqual([known(one), share.hasRoom], [[], true]);
  for (const network of ['a', 'b']) other.begin(network, destination(), 1_000);
  assert.deepEqual(known(other), ['a', 'b', 'c']);
  other.clear();
  for (const network of ['a', 'b', 'c']) one.begin(network, destination(), 1_000);
  assert.deepEqual([known(one), share.hasRoom], [['a', 'b', 'c'], true]);
});
