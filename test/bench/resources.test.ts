import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Resources } from './resources.js';
import { longestStall, stallLine } from './stalls.js';

test('what was opened last goes first, all of it, even where one fails', async () => {
  const released: string[] = [];
  const resources = new Resources();
  resources.add(() => released.push('first'));
  resources.add(() => Promise.reject(new Error('stuck')));
  resources.add(() => released.push('last'));
  await assert.rejects(resources.close(), /stuck/);
  assert.deepEqual(released, ['last', 'first']);
});

test('what comes after the end is released at once, and nothing twice', async () => {
  const released: string[] = [];
  const resources = new Resources();
  resources.add(() => released.push('early'));
  await resources.close();
  resources.add(() => released.push('late'));
  await resources.close();
  assert.deepEqual(released, ['early', 'late']);
});

test('the longest stall is that of the time asked for', () => {
  const text = [stallLine(100, 900), stallLine(200, 20.25), stallLine(300, 70.5)].join('');
  assert.equal(longestStall(text, 150), 70.5);
  assert.ok(Number.isNaN(longestStall(text, 300)));
  assert.ok(Number.isNaN(longestStall('', 0)));
});
