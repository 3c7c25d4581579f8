import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clientsOf, maskSettings, maskWord } from '../../src/ipvs/netmask.js';

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

test('clients are told apart by what the mask leaves of their address', () => {
  const odd = maskSettings(0xff00ff00);
  assert.equal(clientsOf('10.1.2.3', odd), clientsOf('10.9.2.200', odd));
  assert.notEqual(clientsOf('10.1.2.3', odd), clientsOf('10.1.3.3', odd));
  assert.equal(clientsOf('10.1.2.3', { netmask: 24 }), clientsOf('10.1.2.9', { netmask: 24 }));
  assert.notEqual(clientsOf('2001:db8::1', { netmask: 128 }), clientsOf('2001:db8::2', { netmask: 128 }));
});
