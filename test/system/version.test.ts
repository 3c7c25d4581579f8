import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { version } from '../../src/system/version.js';
import { repository } from '../helpers/repository.js';

test('the version is the package’s', async () => {
  const manifest = JSON.parse(await readFile(`${repository}package.json`, 'utf8')) as { version: string };
  assert.equal(version, manifest.version);
});
