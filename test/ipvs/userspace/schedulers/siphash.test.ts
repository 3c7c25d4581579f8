import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hashWord } from '../../../../src/ipvs/userspace/schedulers/siphash.js';

const width = 64n;

/** As the paper writes it, in whole words, for a key of two equal halves. */
function sipHash13(word: number, keyHalf: number): number {
  const key = BigInt(keyHalf >>> 0);
  const block = (4n << 56n) | BigInt(word >>> 0);
  let [a, b, c, d] = [0x736f6d6570736575n, 0x646f72616e646f6dn, 0x6c7967656e657261n, 0x7465646279746573n].map(
    (constant) => constant ^ key,
  ) as [bigint, bigint, bigint, bigint];
  const whole = (value: bigint) => BigInt.asUintN(Number(width), value);
  const turn = (value: bigint, bits: bigint) => whole(value << bits) | (value >> (width - bits));
  const round = () => {
    a = whole(a + b);
    c = whole(c + d);
    b = turn(b, 13n) ^ a;
    d = turn(d, 16n) ^ c;
    a = turn(a, 32n);
    c = whole(c + b);
    a = whole(a + d);
    b = turn(b, 17n) ^ c;
    d = turn(d, 21n) ^ a;
    c = turn(c, 32n);
  };
  d ^= block;
  round();
  a ^= block;
  c ^= 0xffn;
  for (let rounds = 0; rounds < 3; rounds++) round();
  return Number(BigInt.asUintN(32, a ^ b ^ c ^ d));
}

test('is SipHash-1-3 of four bytes', () => {
  const anyWord = fc.integer({ min: 0, max: 0xffff_ffff });
  fc.assert(
    fc.property(anyWord, anyWord, (word, key) => assert.equal(hashWord(word, key), sipHash13(word, key))),
    { numRuns: 2000 },
  );
});

test('takes a sum beyond 32 bits as what is left of it', () => {
  assert.equal(hashWord(2 ** 32 + 5, 7), hashWord(5, 7));
  assert.equal(hashWord(-1, 7), hashWord(0xffff_ffff, 7));
});
