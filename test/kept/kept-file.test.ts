import assert from 'node:assert/strict';
import { appendFile, mkdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { KeptFile } from '../../src/kept/kept-file.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const head = '{"ldirectord":"count","format":1}';

test('lines are there again, for their owner alone, and what was cut off is none', async (t) => {
  const path = join(await temporaryDirectory(t), 'count');
  const file = new KeptFile(path, 'count', 1);
  assert.deepEqual(await file.read(), { lines: [], fault: null });
  assert.equal(file.isDue, true);
  await file.rewrite(['1', '2']);
  await file.append(['3']);
  assert.equal(file.isDue, false);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await appendFile(path, '4');
  assert.deepEqual(await new KeptFile(path, 'count', 1).read(), { lines: ['1', '2', '3'], fault: null });
});

test('a file is written anew when it has grown by as much as it was, and some', async (t) => {
  const path = join(await temporaryDirectory(t), 'count');
  const file = new KeptFile(path, 'count', 1);
  await file.rewrite(['1']);
  const line = 'x'.repeat(64 * 1024);
  for (let times = 0; times < 3; times += 1) await file.append([line]);
  assert.equal(file.isDue, false);
  for (let times = 0; times < 2; times += 1) await file.append([line]);
  assert.equal(file.isDue, true);
  await file.rewrite(Array.from({ length: 8 }, () => line));
  for (let times = 0; times < 7; times += 1) await file.append([line]);
  assert.equal(file.isDue, false);
});

test('another format, another file, an empty, a huge and an unreadable one: each says what it is', async (t) => {
  const folder = await temporaryDirectory(t);
  const fault = async (name: string): Promise<string> => {
    const found = await new KeptFile(join(folder, name), 'count', 1).read();
    assert.deepEqual(found.lines, []);
    return found.fault ?? assert.fail(`nothing is wrong with ${name}`);
  };
  await writeFile(join(folder, 'newer'), '{"ldirectord":"count","format":2}\n1\n');
  await writeFile(join(folder, 'other'), '{"ldirectord":"events","format":1}\n1\n');
  await writeFile(join(folder, 'zeros'), Buffer.alloc(4096));
  await writeFile(join(folder, 'empty'), '');
  for (const name of ['newer', 'other', 'zeros', 'empty']) {
    assert.equal(await fault(name), `it holds something else than ${head}`);
  }
  await writeFile(join(folder, 'huge'), `${head}\n`);
  await truncate(join(folder, 'huge'), 10 * 1024 ** 3);
  assert.match(await fault('huge'), /larger than 64 MiB/);
  await mkdir(join(folder, 'directory'));
  assert.equal(await fault('directory'), 'it is a directory');
});

test('what somebody else has changed, moved or linked is not appended to, but written anew', async (t) => {
  const folder = await temporaryDirectory(t);
  const [path, victim] = [join(folder, 'count'), join(folder, 'victim')];
  const file = new KeptFile(path, 'count', 1);
  await writeFile(victim, `${head}\n1\n`);
  const changes: readonly (() => Promise<void>)[] = [
    () => appendFile(path, '7\n'),
    () => rm(path),
    async () => {
      await rm(path);
      await symlink(victim, path);
    },
  ];
  for (const change of changes) {
    await file.rewrite(['1']);
    await change();
    await assert.rejects(file.append(['2']));
    assert.equal(file.isDue, true);
  }
  await file.rewrite(['1', '2']);
  assert.equal(await readFile(path, 'utf8'), `${head}\n1\n2\n`);
  assert.equal(await readFile(victim, 'utf8'), `${head}\n1\n`);
});
