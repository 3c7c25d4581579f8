import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hindrance } from '../../../src/probes/failure.js';
import { Body } from '../../../src/probes/http/body.js';

const mebibyte = Buffer.alloc(1024 * 1024, 'x');

test('a body that nobody wants is counted', () => {
  const body = new Body({ keepsBody: false });
  for (let at = 0; at < 1000; at += 1) body.add(mebibyte);
  assert.deepEqual([body.size, body.bytes.length], [1000 * mebibyte.length, 0]);
  body.release();
});

test('all bodies that are wanted share a bound, but for one alone', () => {
  const one = new Body({ keepsBody: true });
  const other = new Body({ keepsBody: true });
  other.add(mebibyte, 0, 10);
  assert.throws(() => {
    for (let at = 0; at < 200; at += 1) one.add(mebibyte);
  }, Hindrance);
  // What has come is there still, and what is given up leaves its room to the others.
  assert.equal(other.bytes.toString(), 'x'.repeat(10));
  other.release();
  for (let at = 0; at < 100; at += 1) one.add(mebibyte);
  assert.ok(one.size >= 100 * mebibyte.length);
  one.release();
  one.add(mebibyte);
  assert.equal(one.bytes.length, 0, 'what comes late is passed over');
  const next = new Body({ keepsBody: true });
  next.add(mebibyte, 5, 20);
  assert.deepEqual([next.size, next.bytes.length], [20, 20]);
  next.release();
});
