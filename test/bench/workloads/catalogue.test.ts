import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogue, chosen } from './catalogue.js';

test('a name chooses its work, a part of names all that have it, an unknown one is an error', () => {
  const works = catalogue(true);
  const names = (...wanted: string[]) => chosen(works, wanted).map(({ name }) => name);
  assert.deepEqual(names('http'), ['http']);
  assert.deepEqual(names('htt'), ['http', 'https']);
  assert.deepEqual(names('ping', 'connect'), ['connect', 'ping']);
  assert.ok(!chosen(works, []).some(({ name }) => name === 'soak'));
  assert.equal(chosen(works, []).length, works.filter(({ isLong }) => !isLong).length);
  assert.deepEqual(names('soak'), ['soak']);
  assert.throws(() => chosen(works, ['nothing']), /no work is called nothing; there are http, connect/);
});

test('every work has one name, and the same in both sizes', () => {
  const names = (quick: boolean) => catalogue(quick).map(({ name }) => name);
  assert.deepEqual(names(true), names(false));
  assert.equal(new Set(names(true)).size, names(true).length);
});
