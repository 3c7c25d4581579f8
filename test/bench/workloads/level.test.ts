import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelOf, type Sample } from './level.js';

const level: Sample = { resident: 100, descriptors: 20, threads: 5, late: 4 };

test('what is open for a moment is no growth, what stays is', () => {
  const samples = Array.from({ length: 60 }, (_, index): Sample => {
    if (index % 7 === 0) return { ...level, descriptors: 30, late: Number.NaN };
    return index < 50 ? level : { ...level, resident: 110 };
  });
  const found = levelOf(samples);
  assert.equal(found['descriptors: growth'], 0);
  assert.equal(found['late p99: growth'], 0);
  assert.equal(found['resident, second sixth'], 100);
  assert.equal(Math.round(found['resident: growth'] ?? 0), 10);
});
