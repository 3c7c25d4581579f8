import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { drawToken, messageSize, numberIn, repeats, writeRequest } from '../../../src/probes/ping/echo-message.js';

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const mark = fc.record({ number: word, tokenHigh: word, tokenLow: word });
const identifier = fc.integer({ min: 0, max: 0xffff });

test('a request byte by byte', () => {
  const place = new DataView(new ArrayBuffer(messageSize));
  writeRequest(place, 0, 4, 0x1234, { number: 0xabcd0007 | 0, tokenHigh: 0x01020304, tokenLow: 0xfffefdfc | 0 });
  assert.equal(Buffer.from(place.buffer).toString('hex'), '080037ee12340007abcd000701020304fffefdfc');
  writeRequest(place, 0, 6, 0x1234, { number: 7, tokenHigh: 0, tokenLow: 0 });
  assert.equal(place.getUint8(0), 128);
});

test('the checksum makes the sum of all words zero (RFC 1071)', () => {
  fc.assert(
    fc.property(identifier, mark, (sent, what) => {
      const place = new DataView(new ArrayBuffer(messageSize));
      writeRequest(place, 0, 4, sent, what);
      let sum = 0;
      for (let at = 0; at < messageSize; at += 2) sum += place.getUint16(at);
      assert.equal(sum % 0xffff, 0);
      assert.ok(sum > 0);
    }),
  );
});

test('a message with one bit changed repeats the request no more', () => {
  const first = 6;
  fc.assert(
    fc.property(mark, fc.integer({ min: first * 8, max: messageSize * 8 - 1 }), (what, bit) => {
      const place = new DataView(new ArrayBuffer(messageSize + 20));
      writeRequest(place, 20, 4, 0, what);
      assert.equal(numberIn(place, 20), what.number);
      assert.equal(repeats(place, 20, what), true);
      const at = 20 + (bit >> 3);
      place.setUint8(at, place.getUint8(at) ^ (1 << (bit & 7)));
      assert.equal(repeats(place, 20, what), false);
    }),
  );
});

test('no two tokens are the same', () => {
  const tokens = Array.from({ length: 5_000 }, () => `${drawToken()} ${drawToken()}`);
  assert.equal(new Set(tokens).size, tokens.length);
});
