import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maskSettings, maskWord } from '../../src/ipvs/netmask.js';

test('prefixes are lengths, other masks are kept as they are', () => {
  assert.deepEqual(maskSettings(0xffffff00), { netmask: 24 });
  assert.deepEqual(maskSettings(0), { netmask: 0 });
  assert.deepEqual(maskSettings(0xffffffff), { netmask: 32 });
  assert.deepEqual(maskSettings(0xff00ff00), { netmask: 8, oddMask: '255.0.255.0' });
  assert.deepEqual(maskSettings(24), { netmask: 0, oddMask: '0.0.0.24' });
});

test('every mask there and back', () => {
  fc.assert(fc.property(fc.nat(0xffffffff), (mask) => assert.equal(maskWord(maskSettings(mask)), mask)));
});
