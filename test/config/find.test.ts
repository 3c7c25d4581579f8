import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findConfiguration } from '../../src/config/find.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

async function folders(context: TestContext): Promise<{ ha: string; conf: string; elsewhere: string }> {
  const root = await temporaryDirectory(context);
  const [ha, conf, elsewhere] = ['ha.d', 'ha.d/conf', 'elsewhere'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(conf, { recursive: true });
  await mkdir(elsewhere);
  return { ha, conf, elsewhere };
}

test('without CONFIG the default file, whether it exists or not', async () => {
  assert.deepEqual(await findConfiguration(undefined), { file: '/etc/ha.d/ldirectord.cf', name: 'ldirectord' });
});

test('the first directory that has the file wins, and the name keeps its ending', async (context) => {
  const { ha, conf } = await folders(context);
  await writeFile(join(conf, 'web.cf'), '');
  assert.deepEqual(await findConfiguration('web.cf', [ha, conf]), { file: join(conf, 'web.cf'), name: 'web.cf' });
  await writeFile(join(ha, 'web.cf'), '');
  assert.deepEqual(await findConfiguration('web.cf', [ha, conf]), { file: join(ha, 'web.cf'), name: 'web.cf' });
});

test('a path, and what is nowhere, stay as given', async (context) => {
  const { ha, conf, elsewhere } = await folders(context);
  const file = join(elsewhere, 'mail');
  await writeFile(file, '');
  assert.deepEqual(await findConfiguration(file, [ha, conf]), { file, name: 'mail' });
  assert.deepEqual(await findConfiguration('./gone.cf', [ha, conf]), { file: './gone.cf', name: 'gone.cf' });
});

test('a directory of the name is no configuration', async (context) => {
  const { ha, conf } = await folders(context);
  await mkdir(join(ha, 'web'));
  await writeFile(join(conf, 'web'), '');
  assert.equal((await findConfiguration('web', [ha, conf])).file, join(conf, 'web'));
});
