import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressText } from '../../../src/ipvs/address.js';
import {
  decodeDestination,
  encodeDestination,
  encodeDestinationIdentity,
} from '../../../src/ipvs/kernel/destination-codec.js';
import type { Destination, Tunnel } from '../../../src/ipvs/table.js';
import { Attributes, MalformedMessage } from '../../../src/netlink/attributes.js';
import { MessageWriter } from '../../../src/netlink/message-writer.js';
import { attribute, hex } from '../../netlink/bytes.js';

function written(write: (writer: MessageWriter) => void): Buffer {
  const writer = new MessageWriter(512);
  writer.begin({ type: 0x25, flags: 0, sequence: 1 }, [5, 1, 0, 0]);
  write(writer);
  writer.end();
  return Buffer.from(writer.written.subarray(20));
}

const inside = (bytes: Buffer) => new Attributes(bytes, 4, bytes.readUInt16LE(0));
const idle = { activeConnections: 0, inactiveConnections: 0, persistentConnections: 0 };
const plain = { forward: 'masq', weight: 1, upperThreshold: 0, lowerThreshold: 0 } as const;

const table: readonly (readonly [string, Destination, string])[] = [
  [
    'masquerading over IPv4',
    { ...plain, address: '10.0.0.1', port: 8080, weight: 3, upperThreshold: 258, lowerThreshold: 5 },
    `48 00 02 80
     06 00 0b 00 02 00 00 00 | 14 00 01 00 0a 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 | 06 00 02 00 1f 90 00 00
     08 00 03 00 00 00 00 00 | 08 00 04 00 03 00 00 00 | 08 00 05 00 02 01 00 00 | 08 00 06 00 05 00 00 00`,
  ],
  [
    'direct routing over IPv6, without weight',
    { ...plain, address: '2001:db8::2', port: 80, forward: 'gate', weight: 0 },
    `48 00 02 80
     06 00 0b 00 0a 00 00 00 | 14 00 01 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02 | 06 00 02 00 00 50 00 00
     08 00 03 00 03 00 00 00 | 08 00 04 00 00 00 00 00 | 08 00 05 00 00 00 00 00 | 08 00 06 00 00 00 00 00`,
  ],
  [
    'a GUE tunnel with remote checksums',
    {
      ...plain,
      address: '10.0.0.1',
      port: 80,
      forward: 'ipip',
      tunnel: { type: 'gue', port: 6080, checksum: 'remote' },
    },
    `60 00 02 80
     06 00 0b 00 02 00 00 00 | 14 00 01 00 0a 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 | 06 00 02 00 00 50 00 00
     08 00 03 00 02 00 00 00 | 08 00 04 00 01 00 00 00 | 08 00 05 00 00 00 00 00 | 08 00 06 00 00 00 00 00
     05 00 0d 00 01 00 00 00 | 06 00 0e 00 17 c0 00 00 | 06 00 0f 00 02 00 00 00`,
  ],
];

for (const [what, destination, bytes] of table) {
  test(`${what}: to bytes and back`, () => {
    const encoded = written((writer) => encodeDestination(writer, destination));
    assert.deepEqual(encoded, hex(bytes));
    assert.deepEqual(decodeDestination(inside(encoded), 'inet', false), { ...destination, ...idle });
  });
}

test('a request about a destination names it alone', () => {
  assert.deepEqual(
    written((writer) => encodeDestinationIdentity(writer, { address: '10.0.0.1', port: 80 })),
    hex(
      `
      28 00 02 80
      06 00 0b 00 02 00 00 00 | 14 00 01 00 0a 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 | 06 00 02 00 00 50 00 00
    `,
    ),
  );
});

test('a weight below zero is left to the kernel to refuse', () => {
  const encoded = written((writer) =>
    encodeDestination(writer, { ...plain, address: '10.0.0.1', port: 80, weight: -2 }),
  );
  assert.equal(decodeDestination(inside(encoded), 'inet', false).weight, -2);
});

const words = (count: number) => fc.array(fc.nat(0xffffffff), { minLength: count, maxLength: count });
const tunnels: fc.Arbitrary<Tunnel> = fc.oneof(
  fc
    .tuple(fc.nat(0xffff), fc.constantFrom('none' as const, 'full' as const, 'remote' as const))
    .map(([port, checksum]): Tunnel => ({ type: 'gue', port, checksum })),
  fc.constantFrom('none' as const, 'full' as const).map((checksum): Tunnel => ({ type: 'gre', checksum })),
);
const destinations: fc.Arbitrary<Destination> = fc
  .record({
    address: fc.oneof(words(1), words(4)).map(addressText),
    port: fc.nat(0xffff),
    forward: fc.constantFrom('gate', 'masq', 'ipip', 'local', 'bypass'),
    weight: fc.nat(0x7fffffff),
    upperThreshold: fc.nat(0xffffffff),
    lowerThreshold: fc.nat(0xffffffff),
    tunnel: fc.option(tunnels),
  })
  .map(({ tunnel, ...rest }) => (tunnel && rest.forward === 'ipip' ? { ...rest, tunnel } : rest));

test('every destination is read as it was written', () => {
  fc.assert(
    fc.property(destinations, (destination) => {
      const encoded = written((writer) => encodeDestination(writer, destination));
      assert.deepEqual(decodeDestination(inside(encoded), 'inet', false), { ...destination, ...idle });
    }),
  );
});

test('what an old kernel leaves out is assumed, what every kernel says is required', () => {
  const decode = (family: 'inet' | 'inet6', ...attributes: Buffer[]) => {
    const bytes = Buffer.concat(attributes);
    return decodeDestination(new Attributes(bytes, 0, bytes.length), family, true);
  };
  const address = attribute(1, hex('20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01'));
  const [port, weight] = [attribute(2, hex('00 50')), attribute(4, hex('01 00 00 00'))];
  const forward = (number: string) => attribute(3, hex(`${number} 00 00 00`));
  const counts = ['05', '06', '07'].map((count, index) => attribute(7 + index, hex(`${count} 00 00 00`)));
  const read = decode('inet6', address, port, weight, forward('02'), ...counts);
  assert.deepEqual(read, {
    ...{ ...plain, address: '2001:db8::1', port: 80, forward: 'ipip' },
    ...{ activeConnections: 5, inactiveConnections: 6, persistentConnections: 7 },
  });
  assert.equal(decode('inet', address, port, weight, forward('02')).address, '32.1.13.184');
  assert.equal(decode('inet', address, port, weight, forward('07')).forward, 'bypass');
  assert.throws(() => decode('inet6', address, port, weight), MalformedMessage);
  assert.throws(() => decode('inet6', port, weight, forward('02')), MalformedMessage);
});
