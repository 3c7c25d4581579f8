import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadSettings } from '../../../src/config/settings/settings.js';
import { storeFileWarnings } from '../../../src/directors/store/file-warnings.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

test('files of [store] that cannot be used are warned of, where they are named', async (t) => {
  const folder = await temporaryDirectory(t);
  const password = join(folder, 'password');
  await writeFile(password, 'a secret\n', { mode: 0o600 });
  const warnings = async (...lines: string[]): Promise<string[]> => {
    await writeFile(join(folder, 'ldirectord.ini'), `[store]\n${lines.join('\n')}\n`);
    const found = await storeFileWarnings(await loadSettings(join(folder, 'web.cf')));
    assert.ok(found.every(({ severity, code }) => severity === 'warning' && code === 'unreadable-file'));
    return found.map(({ message, span }) => `${span.line}:${span.column} ${message.replaceAll(folder, '')}`);
  };
  const login = ['user = lb', `passwordfile = ${password}`];
  assert.deepEqual(await warnings(...login), []);
  assert.deepEqual(await warnings(`cafile = ${folder}/none`), [
    '2:10 cafile: cannot read /none: there is no such file; check the path, or write it (ENOENT); the store is not reached',
  ]);
  await chmod(password, 0o644);
  assert.deepEqual(await warnings(...login), [
    '3:16 passwordfile: /password is not used, since others may read it (0644); chmod 600 /password; the store is not reached',
  ]);
  await writeFile(password, '\nbelow');
  await chmod(password, 0o600);
  assert.deepEqual(await warnings(...login), [
    '3:16 passwordfile: the first line of /password is empty; write it there, with nothing before it; the store is not reached',
  ]);
});
