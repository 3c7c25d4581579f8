import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressText } from '../../../src/ipvs/address.js';
import { decodeService, encodeService, encodeServiceIdentity } from '../../../src/ipvs/kernel/service-codec.js';
import { maskSettings } from '../../../src/ipvs/netmask.js';
import { schedulerFlagNames } from '../../../src/ipvs/scheduler-flags.js';
import type { Service } from '../../../src/ipvs/table.js';
import { Attributes, MalformedMessage } from '../../../src/netlink/attributes.js';
import { MessageWriter } from '../../../src/netlink/message-writer.js';
import { attribute, hex } from '../../netlink/bytes.js';

/** What `write` puts behind the headers of a message. */
function written(write: (writer: MessageWriter) => void): Buffer {
  const writer = new MessageWriter(512);
  writer.begin({ type: 0x25, flags: 0, sequence: 1 }, [1, 1, 0, 0]);
  write(writer);
  writer.end();
  return Buffer.from(writer.written.subarray(20));
}

/** The attributes inside the first one. */
const inside = (bytes: Buffer) => new Attributes(bytes, 4, bytes.readUInt16LE(0));

const web: Service = {
  ...({ protocol: 'tcp', family: 'inet', address: '192.0.2.1', port: 80 } as const),
  ...{ scheduler: 'wrr', schedflags: [], persistent: 0, netmask: 32, ops: false },
};

const table: readonly (readonly [string, Service, string])[] = [
  [
    'TCP over IPv4',
    web,
    `54 00 01 80
     06 00 01 00 02 00 00 00 | 06 00 02 00 06 00 00 00
     14 00 03 00 c0 00 02 01 00 00 00 00 00 00 00 00 00 00 00 00 | 06 00 04 00 00 50 00 00
     08 00 06 00 77 72 72 00 | 0c 00 07 00 00 00 00 00 3d 00 00 00
     08 00 08 00 00 00 00 00 | 08 00 09 00 ff ff ff ff`,
  ],
  [
    'UDP over IPv6, with everything that can be set',
    {
      ...({ protocol: 'udp', family: 'inet6', address: '2001:db8::1', port: 5060 } as const),
      ...{ scheduler: 'sh', schedflags: ['sh-fallback', 'sh-port'], persistent: 300, netmask: 64, ops: true },
      persistenceEngine: 'sip',
    },
    `5c 00 01 80
     06 00 01 00 0a 00 00 00 | 06 00 02 00 11 00 00 00
     14 00 03 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 | 06 00 04 00 13 c4 00 00
     07 00 06 00 73 68 00 00 | 0c 00 07 00 1d 00 00 00 3d 00 00 00
     08 00 08 00 2c 01 00 00 | 08 00 09 00 40 00 00 00 | 08 00 0b 00 73 69 70 00`,
  ],
  [
    'a firewall mark, persistent for a network of IPv4',
    {
      ...({ protocol: 'fwm', family: 'inet', mark: 0xfffffffe } as const),
      ...{ scheduler: 'mh', schedflags: ['flag-3'], persistent: 1, netmask: 25, ops: false },
    },
    `38 00 01 80
     06 00 01 00 02 00 00 00 | 08 00 05 00 fe ff ff ff
     07 00 06 00 6d 68 00 00 | 0c 00 07 00 21 00 00 00 3d 00 00 00
     08 00 08 00 01 00 00 00 | 08 00 09 00 ff ff ff 80`,
  ],
];

for (const [what, service, bytes] of table) {
  test(`${what}: to bytes and back`, () => {
    const encoded = written((writer) => encodeService(writer, service));
    assert.deepEqual(encoded, hex(bytes));
    assert.deepEqual(decodeService(inside(encoded), false), service);
  });
}

test('a request about a service names it alone', () => {
  assert.deepEqual(
    written((writer) => encodeServiceIdentity(writer, web)),
    hex(`
      30 00 01 80
      06 00 01 00 02 00 00 00 | 06 00 02 00 06 00 00 00
      14 00 03 00 c0 00 02 01 00 00 00 00 00 00 00 00 00 00 00 00 | 06 00 04 00 00 50 00 00
    `),
  );
});

const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,14}$/);
const settings = fc.record({
  scheduler: fc.oneof(name, fc.constantFrom('sh', 'mh', 'wrr')),
  flags: fc.nat(7),
  persistent: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 0xffffffff })),
  ops: fc.boolean(),
});
const inet = fc.record({
  family: fc.constant('inet' as const),
  address: fc.nat(0xffffffff).map((word) => addressText([word])),
  mask: fc.oneof(
    fc.nat(32).map((netmask) => ({ netmask })),
    fc.nat(0xffffffff).map(maskSettings),
  ),
});
const inet6 = fc.record({
  family: fc.constant('inet6' as const),
  address: fc.array(fc.nat(0xffffffff), { minLength: 4, maxLength: 4 }).map(addressText),
  mask: fc.integer({ min: 1, max: 128 }).map((netmask) => ({ netmask })),
});
const services: fc.Arbitrary<Service> = fc
  .tuple(
    settings,
    fc.oneof(inet, inet6),
    fc.constantFrom('tcp', 'udp', 'sctp', 'fwm'),
    fc.nat(0xffff),
    fc.nat(0xffffffff),
    fc.option(name),
  )
  .map(([{ flags, ...rest }, { address, mask, family }, protocol, port, mark, engine]) => {
    const schedflags = schedulerFlagNames(rest.scheduler, flags);
    const common = { ...rest, schedflags, ...mask, family, ...(engine !== null && { persistenceEngine: engine }) };
    return protocol === 'fwm' ? { protocol, mark, ...common } : { protocol, address, port, ...common };
  });

test('every service is read as it was written', () => {
  fc.assert(
    fc.property(services, (service) => {
      assert.deepEqual(decodeService(inside(written((writer) => encodeService(writer, service))), false), service);
    }),
  );
});

const counters = (width: number, first: number) => {
  const bytes = (value: number, size: number) => {
    const buffer = Buffer.alloc(size);
    buffer.writeUInt32LE(value);
    return buffer;
  };
  return Buffer.concat(
    Array.from({ length: 10 }, (_, index) => {
      const size = width === 8 || index === 3 || index === 4 ? 8 : 4;
      return attribute(index + 1, bytes(first + index, size));
    }),
  );
};
const traffic = (first: bigint) => {
  const counts = (at: bigint) => ({
    connections: at,
    inPackets: at + 1n,
    outPackets: at + 2n,
    inBytes: at + 3n,
    outBytes: at + 4n,
  });
  return { total: counts(first), rate: counts(first + 5n) };
};

test('traffic is read on request, from the 64-bit counters where there are any', () => {
  const bare = written((writer) => encodeService(writer, web));
  const narrow = attribute(10 | 0x8000, counters(4, 100));
  const wide = attribute(12 | 0x8000, counters(8, 200));
  const decode = (withTraffic: boolean, ...more: Buffer[]) => {
    const bytes = Buffer.concat([bare.subarray(4), ...more]);
    return decodeService(new Attributes(bytes, 0, bytes.length), withTraffic);
  };
  assert.deepEqual(decode(true, narrow, wide), { ...web, traffic: traffic(200n) });
  assert.deepEqual(decode(true, narrow), { ...web, traffic: traffic(100n) });
  assert.deepEqual(decode(true), web);
  assert.deepEqual(decode(false, narrow, wide), web);
});

test('a service of a protocol without a name here is left out, one without what it needs is an error', () => {
  const decode = (...attributes: Buffer[]) => {
    const bytes = Buffer.concat(attributes);
    return decodeService(new Attributes(bytes, 0, bytes.length), false);
  };
  const family = attribute(1, hex('02 00'));
  assert.equal(decode(family, attribute(2, hex('32 00'))), null);
  assert.throws(() => decode(family), MalformedMessage);
  assert.throws(() => decode(attribute(1, hex('07 00'))), MalformedMessage);
  const address = [attribute(2, hex('06 00')), attribute(3, hex('c0 00')), attribute(4, hex('00 50'))];
  assert.throws(() => decode(family, ...address), MalformedMessage);
});
