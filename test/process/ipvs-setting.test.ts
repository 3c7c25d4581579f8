import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { readIpvsSetting } from '../../src/process/ipvs-setting.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

test('a setting is its value, and null where the kernel has none', async (t) => {
  const directory = await temporaryDirectory(t);
  await writeFile(`${directory}/expire_quiescent_template`, '0\n');
  assert.equal(await readIpvsSetting('expire_quiescent_template', directory), '0');
  assert.equal(await readIpvsSetting('sloppy_tcp', directory), null);
});
