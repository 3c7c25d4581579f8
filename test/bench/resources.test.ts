import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Resources } from './resources.js';

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
