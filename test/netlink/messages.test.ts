import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MalformedMessage } from '../../src/netlink/attributes.js';
import { acknowledgement, attributesOf, dumpEnd, messagesOf } from '../../src/netlink/messages.js';
import { ack, attribute, done, generic, hex, i32, message } from './bytes.js';

const one = (bytes: Buffer) => [...messagesOf(bytes)][0] ?? assert.fail();

test('takes a datagram apart', () => {
  const bytes = hex(`
    15 00 00 00 | 25 00 | 02 00 | 07 00 00 00 | 00 00 00 00 | aa bb cc dd ee 00 00 00
    14 00 00 00 | 03 00 | 02 00 | ff ff ff ff | 00 00 00 00 | 00 00 00 00
  `);
  const messages = [...messagesOf(bytes)];
  assert.deepEqual(
    messages.map(({ type, flags, sequence, start, end }) => [type, flags, sequence, bytes.subarray(start, end)]),
    [
      [0x25, 2, 7, hex('aa bb cc dd ee')],
      [3, 2, 0xffffffff, hex('00 00 00 00')],
    ],
  );
  assert.deepEqual([...messagesOf(Buffer.alloc(0))], []);
});

test('an acknowledgement says how it went', () => {
  const request = generic({ type: 0x25, sequence: 9 }, 1, attribute(1, hex('01 02 03 04 05')));
  assert.deepEqual(acknowledgement(one(ack(request))), { errno: 0, text: null });
  assert.deepEqual(acknowledgement(one(ack(request, 17))), { errno: 17, text: null });
  assert.deepEqual(acknowledgement(one(ack(request, 22, 'not so'))), { errno: 22, text: 'not so' });
  assert.deepEqual(acknowledgement(one(ack(request, 0, 'well, well'))), { errno: 0, text: 'well, well' });
  assert.deepEqual(dumpEnd(one(done(1))), { errno: 0, text: null });
  assert.deepEqual(dumpEnd(one(done(1, 2))), { errno: 2, text: null });
  assert.deepEqual(dumpEnd(one(message({ type: 3, sequence: 1 }))), { errno: 0, text: null });
});

test('an acknowledgement that quotes less than it says keeps its number', () => {
  const request = generic({ type: 0x25, sequence: 9 }, 1, attribute(1, Buffer.alloc(200)));
  const whole = ack(request, 22, 'not so');
  const cut = whole.subarray(0, 64);
  cut.writeUInt32LE(64, 0);
  assert.deepEqual(acknowledgement(one(cut)), { errno: 22, text: null });
});

test('a message whose length cannot be is an error', () => {
  const headed = (length: number) => Buffer.concat([i32(length), Buffer.alloc(16)]);
  for (const bytes of [headed(15), headed(0), headed(21), headed(-1), Buffer.alloc(3)]) {
    assert.throws(() => [...messagesOf(bytes)], MalformedMessage);
  }
  assert.throws(() => acknowledgement(one(message({ type: 2, sequence: 1 }, i32(0)))), MalformedMessage);
  assert.throws(() => attributesOf(one(message({ type: 0x25, sequence: 1 }, hex('01')))), MalformedMessage);
});

test('whatever a datagram says, it comes to an end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(200), (noise, length) => {
      const bytes = Buffer.concat([i32(length), hex('02 00 00 02'), Buffer.alloc(8), noise]);
      try {
        for (const each of messagesOf(bytes)) {
          acknowledgement(each);
          dumpEnd(each);
          attributesOf(each);
        }
      } catch (error) {
        assert.ok(error instanceof MalformedMessage, String(error));
      }
    }),
  );
});
