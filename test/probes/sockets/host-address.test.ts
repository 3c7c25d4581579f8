import assert from 'node:assert/strict';
import { SocketAddress } from 'node:net';
import { endianness } from 'node:os';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addressSizes,
  addressText,
  hostAddressOf,
  isAddressOf,
  writeAddress,
} from '../../../src/probes/sockets/host-address.js';
import { inetPton } from '../../../src/system/libc.js';

const loopback = 1;

function bytesOf(address: string): DataView {
  const target = hostAddressOf(address);
  assert.ok(target);
  const place = new DataView(new ArrayBuffer(addressSizes[target.version]));
  writeAddress(place, target);
  return place;
}

test('as in the headers of the C library', { skip: endianness() !== 'LE' && 'written for little endian' }, () => {
  const hex = (address: string) => Buffer.from(bytesOf(address).buffer).toString('hex');
  assert.equal(hex('192.0.2.7'), '02000000c00002070000000000000000');
  assert.equal(hex('2001:db8::7'), '0a0000000000000020010db800000000000000000000000700000000');
  assert.equal(hex(`fe80::1%${loopback}`), '0a00000000000000fe80000000000000000000000000000101000000');
  assert.equal(hex('fe80::1%lo'), '0a00000000000000fe80000000000000000000000000000101000000');
});

test('nothing is left of the address that stood there before', () => {
  const one = new DataView(new ArrayBuffer(addressSizes[6]));
  for (const address of ['2001:db8::7', '192.0.2.7', 'fe80::1%lo', '10.0.0.1']) {
    const host = hostAddressOf(address);
    assert.ok(host);
    writeAddress(one, host);
    assert.deepEqual(one.buffer.slice(0, addressSizes[host.version]), bytesOf(address).buffer, address);
  }
});

test('an interface that does not exist, and what is no address', () => {
  for (const text of ['fe80::1%absent', 'fe80::1%0', 'fe80::1%', 'localhost', '', '127.1', '::1::']) {
    assert.equal(hostAddressOf(text), null, text);
  }
});

const v4 = fc.ipV4();
const v6 = fc.ipV6().map((address) => new SocketAddress({ address, family: 'ipv6' }).address);

test('an IPv4 address is what the C library takes for one', () => {
  const part = fc.oneof(
    fc.integer({ min: 0, max: 300 }).map(String),
    fc.constantFrom('', '00', '01', '0x1', '-1', '256'),
  );
  const dotted = fc.array(part, { minLength: 3, maxLength: 5 }).map((parts) => parts.join('.'));
  const bytes = new Uint8Array(4);
  fc.assert(
    fc.property(fc.oneof(v4, dotted, fc.string()), (text) => {
      const found = hostAddressOf(text);
      const isOne = inetPton(2, text, bytes) === 1;
      if (isOne) assert.deepEqual(found, { version: 4, words: [new DataView(bytes.buffer).getUint32(0)], scope: 0 });
      else assert.notEqual(found?.version === 4 && !text.includes(':'), true, text);
    }),
    { numRuns: 2_000 },
  );
});

test('what was written is read as the same address, and as no other', () => {
  const pair = fc.oneof(fc.tuple(v4, v4), fc.tuple(v6, v6));
  fc.assert(
    fc.property(pair, ([one, other]) => {
      const place = bytesOf(one);
      const [same, another] = [hostAddressOf(one), hostAddressOf(other)];
      assert.ok(same && another);
      assert.equal(addressText(same.version, place), one);
      assert.equal(isAddressOf(place, same), true);
      assert.equal(isAddressOf(place, another), one === other);
    }),
  );
});
