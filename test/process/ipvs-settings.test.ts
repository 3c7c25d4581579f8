import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readIpvsSettings } from '../../src/process/ipvs-settings.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

test('a setting is read without its newline; one that is not there is null', async (t) => {
  const directory = await temporaryDirectory(t);
  await writeFile(join(directory, 'expire_quiescent_template'), '0\n');
  assert.deepEqual(await readIpvsSettings(directory), {
    expireQuiescentTemplate: '0',
    expireNodestConn: null,
    conntrack: null,
  });
});
