import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalIPv6, expandRange, formatIPv4, hostOf, parseIPv4 } from '../../../src/config/file/addresses.js';

test('IPv4 addresses are read as inet_aton(3) does', () => {
  const cases: readonly (readonly [string, string | null])[] = [
    ['10.0.0.1', '10.0.0.1'],
    ['10.1', '10.0.0.1'],
    ['10.1.2', '10.1.0.2'],
    ['80', '0.0.0.80'],
    ['010.0.0.1', '8.0.0.1'],
    ['4294967295', '255.255.255.255'],
    ['4294967296', null],
    ['10.0.0.256', null],
    ['10.0.0.08', null],
    ['10.0.0.', null],
    ['1.2.3.4.5', null],
    ['', null],
  ];
  for (const [text, expected] of cases) {
    const address = parseIPv4(text);
    assert.equal(address === null ? null : formatIPv4(address), expected, text);
  }
});

test('every IPv4 address survives being written and read', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), (address) => {
      const text = formatIPv4(address);
      assert.ok(isIPv4(text));
      assert.equal(parseIPv4(text), address);
    }),
  );
});

test('an IPv6 address has one form', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const canonical = canonicalIPv6(text);
      assert.ok(canonical !== null && isIPv6(canonical));
      assert.equal(canonicalIPv6(canonical), canonical);
      assert.equal(canonicalIPv6(text.toUpperCase()), canonical);
    }),
  );
  assert.equal(canonicalIPv6('2001:DB8:0:0:0:0:0:1'), '2001:db8::1');
  assert.equal(canonicalIPv6('fe80::1%eth0'), 'fe80::1%eth0');
  assert.equal(canonicalIPv6('2001:db8::1%eth0'), null);
  assert.equal(canonicalIPv6('2001:db8'), null);
});

test('a host is an address of its family, or a name', () => {
  assert.deepEqual(hostOf('10.0.0.1', 'inet'), { name: '10.0.0.1', address: '10.0.0.1' });
  assert.equal(hostOf('10.0.0.1', 'inet6'), null);
  assert.equal(hostOf('::1', 'inet'), null);
  assert.deepEqual(hostOf('web1.example.net', 'inet6'), { name: 'web1.example.net', address: null });
  assert.equal(hostOf('user@web1', 'inet'), null);
});

test('a range has both its ends, and stops where the reference does', () => {
  const range = (first: string, last: string, limit = 1000) =>
    expandRange(parseIPv4(first) ?? 0, parseIPv4(last) ?? 0, limit)?.map(formatIPv4) ?? null;
  assert.deepEqual(range('10.0.0.255', '10.0.1.0'), ['10.0.0.255', '10.0.1.0']);
  assert.deepEqual(range('10.0.0.1', '10.0.0.1'), ['10.0.0.1']);
  assert.deepEqual(range('255.255.255.255', '255.255.255.255'), ['255.255.255.255']);
  assert.deepEqual(range('0.0.0.1', '0.0.0.200'), ['0.0.0.1', '0.0.0.2']);
  assert.equal(range('10.0.0.0', '10.0.0.255', 255), null);
});
