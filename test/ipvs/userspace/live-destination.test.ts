import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Destination } from '../../../src/ipvs/table.js';
import { CountedPlaces, statisticsAt } from '../../../src/ipvs/userspace/counted.js';
import { Counts } from '../../../src/ipvs/userspace/counts.js';
import { Lease } from '../../../src/ipvs/userspace/lease.js';
import { LiveDestination } from '../../../src/ipvs/userspace/live-destination.js';

const settings: Destination = {
  ...{ address: '127.0.0.1', port: 0, forward: 'masq', weight: 1 },
  ...{ upperThreshold: 0, lowerThreshold: 0 },
};

const place = new CountedPlaces().take();

function live(settings: Destination, servicePort = 80): LiveDestination {
  return new LiveDestination(settings, servicePort, new Counts(place, null));
}

function occupied(destination: LiveDestination, count: number, onRevoked = () => {}): Lease[] {
  return Array.from({ length: count }, () => new Lease({ destination, stay: null }, 'active', onRevoked));
}

test('port 0 is the port of the service', () => {
  assert.equal(live(settings, 8080).port, 8080);
  assert.equal(live({ ...settings, port: 80 }, 8080).port, 80);
});

test('a lease counts once, as active until it is deactivated or released', () => {
  const destination = live(settings);
  const [first, second] = occupied(destination, 2);
  assert.ok(first && second);
  const counts = () => {
    const counted = [destination.activeConnections, destination.inactiveConnections];
    const { activeConnections, inactiveConnections } = statisticsAt(place);
    assert.deepEqual([activeConnections, inactiveConnections], counted);
    return counted;
  };
  assert.deepEqual(counts(), [2, 0]);
  first.deactivate();
  first.deactivate();
  assert.deepEqual(counts(), [1, 1]);
  first.release();
  first.release();
  first.deactivate();
  assert.deepEqual(counts(), [1, 0]);
  second.release();
  assert.deepEqual(counts(), [0, 0]);
});

test('remembers its last weight above 0', () => {
  const destination = live({ ...settings, weight: 0 });
  const lastOf = (weight: number) => {
    destination.edit({ ...settings, weight });
    return destination.lastWeight;
  };
  assert.deepEqual([0, 3, 0, 0, 2, 0].map(lastOf), [0, 3, 3, 3, 2, 2]);
});

test('without a lower threshold an overload ends below three quarters', () => {
  const destination = live({ ...settings, upperThreshold: 8 });
  const leases = occupied(destination, 7);
  assert.equal(destination.overloaded, false);
  leases.push(...occupied(destination, 1));
  assert.equal(destination.overloaded, true);
  for (const remaining of [7, 6]) {
    leases.pop()?.release();
    assert.equal(destination.overloaded, true, `with ${remaining}`);
  }
  leases.pop()?.release();
  assert.equal(destination.overloaded, false);
});

test('raising or lifting the upper threshold ends an overload, other edits do not', () => {
  for (const upperThreshold of [0, 3]) {
    const destination = live({ ...settings, upperThreshold: 2 });
    occupied(destination, 2);
    destination.edit({ ...settings, weight: 5, upperThreshold: 2 });
    assert.equal(destination.overloaded, true);
    destination.edit({ ...settings, weight: 5, upperThreshold });
    assert.equal(destination.overloaded, false);
  }
});

test('removing it revokes every lease', () => {
  const destination = live(settings);
  let revoked = 0;
  occupied(destination, 3, () => revoked++);
  for (const _ of destination.remove());
  assert.equal(revoked, 3);
  assert.equal(destination.removed, true);
});
