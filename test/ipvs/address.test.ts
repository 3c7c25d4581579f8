import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalIPv6 } from '../../src/config/file/addresses.js';
import { addressText, addressWords, network } from '../../src/ipvs/address.js';

test('reads every form of an address', () => {
  const cases: [string, number[]][] = [
    ['0.0.0.0', [0]],
    ['192.0.2.1', [0xc0000201]],
    ['255.255.255.255', [0xffffffff]],
    ['::', [0, 0, 0, 0]],
    ['::1', [0, 0, 0, 1]],
    ['2001:db8::1', [0x20010db8, 0, 0, 1]],
    ['2001:DB8:1:2:3:4:5:6', [0x20010db8, 0x00010002, 0x00030004, 0x00050006]],
    ['fe80::', [0xfe800000, 0, 0, 0]],
    ['fe80::1%eth0', [0xfe800000, 0, 0, 1]],
    ['::ffff:192.0.2.1', [0, 0, 0xffff, 0xc0000201]],
  ];
  for (const [address, words] of cases) assert.deepEqual(addressWords(address), words, address);
});

test('reads any IPv6 address as URL does', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
      assert.deepEqual(addressWords(address), addressWords(canonical));
    }),
  );
});

test('names networks', () => {
  const same: [string, string, number][] = [
    ['192.0.2.1', '192.0.2.255', 24],
    ['192.0.2.1', '203.0.113.9', 0],
    ['10.0.0.128', '10.0.0.255', 25],
    ['2001:db8::1', '2001:db8::ffff', 64],
    ['2001:db8:0:1::', '2001:db8:0:1:ffff::', 64],
    ['2001:db8:0:1::', '2001:db8:0:fe::', 56],
  ];
  for (const [a, b, prefix] of same) {
    assert.equal(network(a, prefix), network(b, prefix), `${a} ${b} /${prefix}`);
    const all = a.includes(':') ? 128 : 32;
    assert.notEqual(network(a, all), network(b, all));
  }
  assert.notEqual(network('192.0.2.1', 32), network('192.0.2.2', 32));
  assert.notEqual(network('10.0.0.127', 25), network('10.0.0.128', 25));
  assert.notEqual(network('2001:db8:0:1::', 64), network('2001:db8:0:2::', 64));
});

test('writes addresses as the configuration does', () => {
  for (const address of [
    ...['0.0.0.0', '192.0.2.1', '255.255.255.255'],
    ...['::', '::1', '1::', '2001:db8::1', '2001:db8:0:1:1:1:1:1', '2001:db8::1:0:0:1', 'fe80::', '::ffff:192.0.2.1'],
  ]) {
    assert.equal(addressText(addressWords(address)), address);
  }
  const groups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(groups, (numbers) => {
      const text = numbers.map((number) => number.toString(16)).join(':');
      assert.equal(addressText(addressWords(text)), canonicalIPv6(text));
    }),
  );
  fc.assert(fc.property(fc.ipV4(), (text) => assert.equal(addressText(addressWords(text)), text)));
});
