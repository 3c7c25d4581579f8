import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { sourceTowards } from '../../../src/probes/sockets/source-address.js';

test('to an address of this machine packets come from that one', () => {
  assert.equal(sourceTowards('127.0.0.7'), '127.0.0.1');
  assert.equal(sourceTowards('::1'), '::1');
});

test('no address, and no way, are told apart; no descriptor stays', () => {
  assert.equal(sourceTowards('www.example.com'), null);
  const before = readdirSync('/proc/self/fd').length;
  for (let count = 0; count < 20; count += 1) {
    sourceTowards('127.0.0.1');
    assert.throws(() => sourceTowards('255.255.255.255'), { code: /EACCES|ENETUNREACH/ });
  }
  assert.equal(readdirSync('/proc/self/fd').length, before);
});
