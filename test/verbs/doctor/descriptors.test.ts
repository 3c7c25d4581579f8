import assert from 'node:assert/strict';
import { test } from 'node:test';
import { descriptorsOf, limitIn } from '../../../src/verbs/doctor/descriptors.js';

test('the limit of a process', () => {
  const limits = (words: string) =>
    `Limit                     Soft Limit  Hard Limit  Units\nMax open files            ${words}  files\n`;
  assert.equal(limitIn(limits('4096                 524288')), 524288);
  assert.equal(limitIn(limits('unlimited            unlimited')), Number.POSITIVE_INFINITY);
  assert.equal(limitIn(''), null);
});

test('where no daemon runs it is that of the unit, or of a process that is started from here', async () => {
  const found = await descriptorsOf('no-such-instance', 7);
  assert.equal(found?.checks, 7);
  assert.ok((found?.limit ?? 0) > 0);
});
