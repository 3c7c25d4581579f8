import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addTo, count, newHistogram, percentile, total, upperBound } from '../../src/checks/histogram.js';

const durations = fc.array(fc.double({ min: 0, max: 3_000_000, noNaN: true }), { minLength: 1, maxLength: 200 });

test('a percentile is at most an eighth above the duration that holds the place, and never below it', () => {
  fc.assert(
    fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
      const histogram = newHistogram();
      for (const duration of all) count(histogram, duration);
      const exact = all.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(all.length * share) - 1)] ?? 0;
      const found = percentile(histogram, share);
      assert.ok(found >= exact, `${found} is below ${exact}`);
      assert.ok(found <= Math.max(1 / 16, exact * 1.126), `${found} is far above ${exact}`);
    }),
  );
});

test('nothing counted has no percentile, and what is beyond all bounds is counted still', () => {
  const histogram = newHistogram();
  assert.equal(percentile(histogram, 0.99), 0);
  for (const odd of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e12]) count(histogram, odd);
  assert.equal(total(histogram), 4);
});

test('bounds rise, and two histograms add up', () => {
  for (let at = 1; at < newHistogram().length; at += 1) assert.ok(upperBound(at) > upperBound(at - 1));
  const [one, other] = [newHistogram(), newHistogram()];
  count(one, 1);
  count(other, 1);
  count(other, 500);
  addTo(one, other);
  assert.equal(total(one), 3);
  assert.ok(percentile(one, 0.5) < 2);
});
