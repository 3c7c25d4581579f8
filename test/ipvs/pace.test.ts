import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from '../../src/ipvs/pace.js';

const options = { least: 1, most: 128, target: 10 };

test('what takes too long is done in smaller goes, what is quick in larger ones', () => {
  const pace = new Pace(32, options);
  pace.took(32, 800);
  assert.equal(pace.size, 1);
  pace.took(1, 25);
  assert.equal(pace.size, 1);
  for (let size = 1; size < 128; size *= 2) {
    assert.equal(pace.size, size);
    pace.took(size, 0);
  }
  pace.took(128, 1);
  assert.equal(pace.size, 128);
});

test('a go with little to do says nothing about a larger one', () => {
  const pace = new Pace(32, options);
  pace.took(1, 0.01);
  assert.equal(pace.size, 32);
  pace.took(1, 5);
  assert.equal(pace.size, 2);
});
