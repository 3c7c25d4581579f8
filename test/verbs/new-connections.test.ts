import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NewConnections } from '../../src/verbs/new-connections.js';
import { virtualStatus } from '../helpers/status.js';

function status(...connections: readonly (number | null)[]) {
  const none = { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };
  return {
    virtuals: connections.map((total) =>
      virtualStatus({ traffic: total === null ? null : { total: { ...none, connections: total }, rate: none } }),
    ),
  };
}

test('new connections are counted over two seconds and more, of all services together', () => {
  const counted = new NewConnections();
  assert.equal(counted.at(status(100, 50), 0), Number.POSITIVE_INFINITY);
  assert.equal(counted.at(status(110, 50), 1_000), Number.POSITIVE_INFINITY);
  assert.equal(counted.at(status(110, 60), 2_000), 10);
  assert.equal(counted.at(status(110, 61), 3_000), 5.5);
  assert.equal(counted.at(status(110, 61), 5_000), 0);
});

test('a table that counts anew is no rate, and one that does not count is told', () => {
  const counted = new NewConnections();
  counted.at(status(100), 0);
  assert.equal(counted.at(status(3), 2_000), Number.POSITIVE_INFINITY);
  assert.equal(counted.at(status(5), 4_000), 1);
  assert.equal(counted.at(status(5, null), 6_000), null);
});

test('where addresses are announced the others do not count', () => {
  const counted = new NewConnections();
  const at = (own: number, other: number) => {
    const { virtuals } = status(own, other);
    const announcement = {
      address: '192.0.2.1',
      by: 'address announce0',
      announced: 'leaving',
      isHealthy: true,
      since: 0,
      why: '',
      nextChange: null,
      isDone: true,
      fault: null,
    } as const;
    return { virtuals: virtuals.map((virtual, index) => (index === 0 ? { ...virtual, announcement } : virtual)) };
  };
  counted.at(at(10, 10), 0);
  assert.equal(counted.at(at(10, 1_000), 2_000), 0);
});
