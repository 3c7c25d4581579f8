import assert from 'node:assert/strict';
import { test } from 'node:test';
import { targets } from './scenario.js';

test('targets are all different, and on loopback', () => {
  const addresses = targets(10_000, 80).map(({ address }) => address);
  assert.equal(new Set(addresses).size, addresses.length);
  assert.ok(addresses.every((address) => /^127\.16\.\d{1,2}\.\d{1,3}$/.test(address)));
});
