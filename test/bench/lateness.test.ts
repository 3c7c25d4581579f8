import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { latenessOf, rateOf, readArrivals } from './lateness.js';

const regular = [1_000, 2_000, 3_000, 4_000];

test('who keeps a cadence is never late, whatever its phase', () => {
  const arrivals = new Map([
    ['127.0.0.1', regular],
    ['127.0.0.2', regular.map((time) => time + 377)],
  ]);
  assert.deepEqual(latenessOf(arrivals, 1_000), { p50: 0, p99: 0, worst: 0, skipped: 0, checks: 8 });
});

test('one late check is late by itself; drift adds up; a slot left out is told and makes nobody late', () => {
  const late = (times: readonly number[]) => latenessOf(new Map([['127.0.0.1', times]]), 1_000);
  assert.deepEqual(late([1_000, 2_030, 3_000, 4_000]), { p50: 0, p99: 30, worst: 30, skipped: 0, checks: 4 });
  assert.deepEqual(late([1_000, 2_010, 3_020, 4_030]), { p50: 10, p99: 30, worst: 30, skipped: 0, checks: 4 });
  assert.deepEqual(late([1_000, 4_000, 5_000]), { p50: 0, p99: 0, worst: 0, skipped: 2, checks: 3 });
  assert.deepEqual(late([1_000, 2_900, 3_000, 4_000]), { p50: 0, p99: 900, worst: 900, skipped: 0, checks: 4 });
  assert.deepEqual(late([1_000, 2_005, 3_995, 5_000]), { p50: 5, p99: 10, worst: 10, skipped: 1, checks: 4 });
});

test('a first check that is late itself does not make the others early', () => {
  assert.equal(latenessOf(new Map([['127.0.0.1', [1_040, 2_000, 3_000]]]), 1_000).worst, 40);
});

test('lateness is found again', () => {
  const delays = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 2, maxLength: 50 });
  fc.assert(
    fc.property(delays, (late) => {
      const times = late.map((delay, slot) => slot * 1_000 + delay);
      const { worst, skipped } = latenessOf(new Map([['127.0.0.1', times]]), 1_000);
      assert.deepEqual({ worst, skipped }, { worst: Math.max(...late) - Math.min(...late), skipped: 0 });
    }),
  );
});

test('a rate is that of each server’s own times', () => {
  const arrivals = new Map([
    ['127.0.0.1', [0, 500, 1_000]],
    ['127.0.0.2', [100, 10_100]],
    ['127.0.0.3', [100]],
  ]);
  assert.ok(Math.abs(rateOf(arrivals) - 2.1) < 1e-9);
});

test('records are read by address, in order, and half a one at the end is none', () => {
  const record = (nanoseconds: bigint, address: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(16);
    bytes.writeBigUInt64LE(nanoseconds);
    bytes.set(address, 8);
    return bytes;
  };
  const bytes = Buffer.concat([
    record(1_500_000n, [127, 16, 0, 1]),
    record(2_000_000n, [127, 16, 0, 200]),
    record(3_250_000n, [127, 16, 0, 1]),
    Buffer.alloc(7),
  ]);
  assert.deepEqual(
    readArrivals(bytes),
    new Map([
      ['127.16.0.1', [1.5, 3.25]],
      ['127.16.0.200', [2]],
    ]),
  );
});
