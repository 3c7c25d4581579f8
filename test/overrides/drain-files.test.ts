import assert from 'node:assert/strict';
import { readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { drainsAmong, writeDrainFile } from '../../src/overrides/drain-files.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

test('a drain writes through no link that somebody laid out in the directory, and reads through none', async (t) => {
  const folder = await temporaryDirectory(t);
  const victim = join(await temporaryDirectory(t), 'victim');
  await writeFile(victim, 'drain\nand more');
  const name = '10.0.0.1:80';
  for (const bait of [`.${name}.new`, '10.0.0.2:80']) await symlink(victim, join(folder, bait));
  assert.equal(await writeDrainFile(folder, name), true);
  assert.equal(await readFile(victim, 'utf8'), 'drain\nand more');
  assert.ok((await stat(join(folder, name))).isFile());
  // Opening what a link leads to can do harm by itself: a watchdog or a tape is a file, too.
  assert.deepEqual([...(await drainsAmong(folder, new Set([name, '10.0.0.2:80'])))], [name]);
  assert.equal(await writeDrainFile(folder, '10.0.0.2:80'), false, 'somebody’s own');
});
