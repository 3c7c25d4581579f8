import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { replaceFile } from '../../src/system/replace-file.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

test('a file is replaced whole, a link by a file, and nothing is left behind where that fails', async (t) => {
  const folder = await temporaryDirectory(t);
  const [path, victim] = [join(folder, 'orders'), join(folder, 'victim')];
  await writeFile(victim, 'precious');
  await symlink(victim, path);
  await replaceFile(path, 'one', 0o600);
  await replaceFile(path, 'two', 0o600);
  assert.deepEqual([await readFile(path, 'utf8'), await readFile(victim, 'utf8')], ['two', 'precious']);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await mkdir(join(folder, 'directory'));
  await assert.rejects(replaceFile(join(folder, 'directory'), 'three', 0o600), { code: 'EISDIR' });
  assert.deepEqual((await readdir(folder)).toSorted(), ['directory', 'orders', 'victim']);
});
