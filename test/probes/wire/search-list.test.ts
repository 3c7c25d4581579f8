import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hindrance } from '../../../src/probes/failure.js';
import { searchList } from '../../../src/probes/wire/search-list.js';
import { exhaustDescriptors } from '../../helpers/resource-limits.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

test('what cannot be read names no domain', async (t) => {
  const folder = await temporaryDirectory(t);
  assert.deepEqual(await searchList(folder), []);
  assert.deepEqual(await searchList(`${folder}/none`), []);
});

test('a shortage of this machine is none of the server, which would be asked for another name', async () => {
  const giveBack = exhaustDescriptors(256);
  try {
    await assert.rejects(searchList('/proc/self/status'), (error) => error instanceof Hindrance);
  } finally {
    giveBack();
  }
});
