import assert from 'node:assert/strict';
import { appendFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileWatch, type FileWatchOptions } from '../../src/process/file-watch.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

/** Without polling, unless asked for, so that only events count. */
async function watching(t: TestContext, path: string, options: Partial<FileWatchOptions> = {}) {
  let touches = 0;
  const watch = await FileWatch.open(path, { poll: 1_000_000, ...options, onTouch: () => (touches += 1) });
  t.after(() => watch.close());
  return {
    watch,
    count: () => touches,
    /** Waits for the given number of touches in all, and a little longer for one too many. */
    async reach(wanted: number) {
      for (let turn = 0; turn < 500 && touches < wanted; turn += 1) await sleep(10);
      await sleep(150);
      assert.equal(touches, wanted);
    },
  };
}

test('a save in place, by rename, and the one after that', async (t) => {
  const path = join(await temporaryDirectory(t), 'a.cf');
  await writeFile(path, 'one');
  const seen = await watching(t, path);
  await writeFile(path, 'two');
  await seen.reach(1);
  await writeFile(`${path}.new`, 'three');
  await rename(`${path}.new`, path);
  await seen.reach(2);
  await appendFile(path, ' and more');
  await seen.reach(3);
});

test('many writes in a row count as one change', async (t) => {
  const path = join(await temporaryDirectory(t), 'a.cf');
  await writeFile(path, 'one');
  const seen = await watching(t, path, { settle: 200 });
  for (let turn = 0; turn < 20; turn += 1) await appendFile(path, 'x');
  await seen.reach(1);
});

test('a link that is swapped, at the file or at a folder on the way', async (t) => {
  const root = await temporaryDirectory(t);
  for (const version of ['v1', 'v2', 'v3']) {
    await mkdir(join(root, version));
    await writeFile(join(root, version, 'a.cf'), version);
  }
  await symlink('v1', join(root, 'current'));
  await symlink(join('current', 'a.cf'), join(root, 'a.cf'));
  const seen = await watching(t, join(root, 'a.cf'));
  const swap = async (version: string) => {
    await symlink(version, join(root, 'next'));
    await rename(join(root, 'next'), join(root, 'current'));
  };
  await swap('v2');
  await seen.reach(1);
  await swap('v3');
  await seen.reach(2);
  await writeFile(join(root, 'v3', 'a.cf'), 'edited where the links lead');
  await seen.reach(3);
});

test('removed and put back', async (t) => {
  const path = join(await temporaryDirectory(t), 'a.cf');
  await writeFile(path, 'one');
  const seen = await watching(t, path);
  await rm(path);
  await seen.reach(1);
  await writeFile(path, 'two');
  await seen.reach(2);
});

test('another file in the folder is none of its business', async (t) => {
  const root = await temporaryDirectory(t);
  await writeFile(join(root, 'a.cf'), 'one');
  const seen = await watching(t, join(root, 'a.cf'));
  await writeFile(join(root, 'b.cf'), 'two');
  await sleep(300);
  assert.equal(seen.count(), 0);
});

test('without events the polling finds a change', async (t) => {
  const root = await temporaryDirectory(t);
  const away = join(root, 'later', 'a.cf');
  const seen = await watching(t, away, { poll: 50 });
  await mkdir(join(root, 'later'));
  await writeFile(away, 'one');
  await seen.reach(1);
});

test('nothing is told after close', async (t) => {
  const path = join(await temporaryDirectory(t), 'a.cf');
  await writeFile(path, 'one');
  const seen = await watching(t, path, { poll: 20 });
  await writeFile(path, 'two');
  seen.watch.close();
  await sleep(300);
  assert.equal(seen.count(), 0);
});
