import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Attributes, MalformedMessage, requireValue } from '../../src/netlink/attributes.js';
import { MessageWriter } from '../../src/netlink/message-writer.js';
import { attribute, hex } from './bytes.js';

const reading = (bytes: Buffer) => new Attributes(bytes, 0, bytes.length);

test('reads every kind of value', () => {
  const bytes = hex(
    `
    05 00 01 00 7f 00 00 00                  // u8
    06 00 02 00 34 12 00 00                  // u16
    08 00 03 00 78 56 34 12                  // u32
    08 00 04 00 fe ff ff ff                  // i32
    0c 00 05 00 08 07 06 05 04 03 02 01      // u64
    06 00 06 40 12 34 00 00                  // u16 of the network, and marked as such
    08 00 07 00 12 34 56 78                  // u32 of the network
    08 00 08 00 77 72 72 00                  // "wrr" with its zero
    07 00 09 00 77 72 72 00                  // "wrr" without
    0c 00 0a 80 05 00 01 00 2a 00 00 00      // nested
  `.replace(/\/\/.*$/gm, ''),
  );
  const attributes = reading(bytes);
  assert.equal(attributes.u8(1), 0x7f);
  assert.equal(attributes.u16(2), 0x1234);
  assert.equal(attributes.u32(3), 0x12345678);
  assert.equal(attributes.i32(4), -2);
  assert.equal(attributes.u64(5), 0x0102030405060708n);
  assert.equal(attributes.networkU16(6), 0x1234);
  assert.equal(attributes.networkU32(7), 0x12345678);
  assert.equal(attributes.string(8), 'wrr');
  assert.equal(attributes.string(9), 'wrr');
  assert.equal(attributes.nested(10)?.u8(1), 42);
  assert.deepEqual(attributes.bytes(7, 4), hex('12 34 56 78'));
  assert.equal(attributes.u8(11), undefined);
  assert.throws(() => requireValue(attributes.u8(11), 'wheel'), { code: 'EBADMSG', message: /wheel/ });
});

test('a later attribute of a type counts, padding at the end does not', () => {
  const bytes = Buffer.concat([attribute(1, hex('01')), attribute(1, hex('02')), hex('00 00')]);
  assert.equal(reading(bytes).u8(1), 2);
});

test('a length that cannot be is an error', () => {
  for (const bytes of ['03 00 01 00', '00 00 00 00', '09 00 01 00 01 02 03 04', 'ff ff 01 00 01 02 03 04']) {
    assert.throws(() => reading(hex(bytes)), MalformedMessage, bytes);
  }
  const short = reading(attribute(1, hex('01')));
  assert.throws(() => short.u16(1), MalformedMessage);
  assert.throws(() => short.nested(1)?.u16(1) ?? short.u64(1), MalformedMessage);
});

test('whatever the bytes are, they are read or refused, and never by anything outside them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 8 }), (inside, after) => {
      const buffer = Buffer.concat([inside, after]);
      try {
        const attributes = new Attributes(buffer, 0, inside.length);
        for (let type = 0; type < 70; type++) {
          const text = attributes.string(type);
          assert.ok(text === undefined || text.length <= inside.length);
          attributes.nested(type);
        }
      } catch (error) {
        assert.ok(error instanceof MalformedMessage, String(error));
      }
    }),
  );
});

test('what is written is read back', () => {
  fc.assert(
    fc.property(
      fc.nat(0xff),
      fc.nat(0xffff),
      fc.nat(0xffffffff),
      fc.integer(),
      fc.stringMatching(/^[\w-]{0,15}$/),
      (byte, short, word, signed, name) => {
        const writer = new MessageWriter(256);
        writer.begin({ type: 1, flags: 0, sequence: 1 }, [1, 1, 0, 0]);
        const nest = writer.nest(9);
        writer.u8(1, byte);
        writer.u16(2, short);
        writer.u32(3, word);
        writer.i32(4, signed);
        writer.networkU16(5, short);
        writer.networkWords(6, [word], 16);
        writer.string(7, name);
        writer.unnest(nest);
        writer.end();
        const { written } = writer;
        assert.equal(written.readUInt32LE(0), written.length);
        const attributes = requireValue(new Attributes(written, 20, written.length).nested(9), 'nest');
        assert.deepEqual(
          [attributes.u8(1), attributes.u16(2), attributes.u32(3), attributes.i32(4), attributes.networkU16(5)],
          [byte, short, word, signed, short],
        );
        assert.equal(attributes.networkU32(6), word);
        assert.deepEqual(attributes.bytes(6, 16)?.subarray(4), Buffer.alloc(12));
        assert.equal(attributes.string(7), name);
      },
    ),
  );
});
