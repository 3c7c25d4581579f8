import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeInfo, decodeTimeouts, encodeTimeouts, type Timeouts } from '../../../src/ipvs/kernel/settings-codec.js';
import { Attributes, MalformedMessage } from '../../../src/netlink/attributes.js';
import { MessageWriter } from '../../../src/netlink/message-writer.js';
import { hex } from '../../netlink/bytes.js';

const reading = (bytes: Buffer) => new Attributes(bytes, 0, bytes.length);

test('what IPVS says of itself', () => {
  const bytes = hex('08 00 01 00 01 02 01 00 | 08 00 02 00 00 10 00 00');
  assert.deepEqual(decodeInfo(reading(bytes)), { version: '1.2.1', tableSize: 4096 });
  assert.throws(() => decodeInfo(reading(bytes.subarray(0, 8))), MalformedMessage);
});

test('timeouts, of which what is left out stays', () => {
  const encoded = (timeouts: Partial<Timeouts>) => {
    const writer = new MessageWriter(64);
    writer.begin({ type: 0x25, flags: 0, sequence: 1 }, [12, 1, 0, 0]);
    encodeTimeouts(writer, timeouts);
    writer.end();
    return Buffer.from(writer.written.subarray(20));
  };
  const all = { tcp: 900, tcpFin: 120, udp: 300 };
  assert.deepEqual(encoded(all), hex('08 00 04 00 84 03 00 00 | 08 00 05 00 78 00 00 00 | 08 00 06 00 2c 01 00 00'));
  assert.deepEqual(decodeTimeouts(reading(encoded(all))), all);
  assert.deepEqual(encoded({ tcpFin: 120 }), hex('08 00 05 00 78 00 00 00'));
  assert.deepEqual(decodeTimeouts(reading(encoded({ udp: 1 }))), { tcp: 0, tcpFin: 0, udp: 1 });
});
