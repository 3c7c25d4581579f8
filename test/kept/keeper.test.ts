import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Keeper } from '../../src/kept/keeper.js';
import { until } from '../helpers/deadline.js';
import { Counted } from '../helpers/keepsakes.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

/** What it keeps is read and written in the folder. */
async function keeping(t: TestContext, directory: string, ...keepsakes: Counted[]) {
  const losses: string[] = [];
  const keeper = new Keeper({
    directory,
    pathOf: (name) => join(directory, name),
    onLoss: (reason) => void losses.push(reason),
    pace: 5,
    retryAfter: 20,
  });
  await keeper.recall(keepsakes);
  t.after(() => keeper.close());
  keeper.begin();
  return { keeper, losses };
}

/** Whether the last of each stands in its file: from being taken to be written until then it takes a while. */
function areKept(folder: string, ...kept: readonly Counted[]): () => Promise<boolean> {
  const isKept = async ({ name, last }: Counted): Promise<boolean> => {
    const text = await readFile(join(folder, name), 'utf8').catch(() => '');
    return text.split('\n').at(-2) === String(last);
  };
  return async () => (await Promise.all(kept.map(isKept))).every((is) => is);
}

test('what one run keeps the next one knows, and whether it ended in good order', async (t) => {
  const folder = await temporaryDirectory(t);
  const [first, other] = [new Counted('first'), new Counted('other')];
  const { keeper } = await keeping(t, folder, first, other);
  assert.deepEqual(first.recalled, []);
  first.count(3);
  other.count(1);
  await until('both are written', areKept(folder, first, other));
  first.count(2);
  await keeper.close();
  await keeper.close();

  const again = [new Counted('first'), new Counted('other')];
  const { losses } = await keeping(t, folder, ...again);
  assert.deepEqual(
    again.map(({ recalled }) => recalled),
    [
      ['1', '2', '3', '4', '5', '"end"'],
      ['1', '"end"'],
    ],
  );
  await until('it has begun to write', async () => !(await readFile(join(folder, 'first'), 'utf8')).includes('end'));
  const [third] = [new Counted('first')];
  await keeping(t, folder, third);
  assert.deepEqual(third.recalled, ['1', '2', '3', '4', '5'], 'of one that was killed');
  assert.deepEqual(losses, []);
});

test('ten thousand at once are written as the last thousand, and the file keeps within its bounds', async (t) => {
  const folder = await temporaryDirectory(t);
  const counted = new Counted('count');
  await keeping(t, folder, counted);
  for (let burst = 0; burst < 100; burst += 1) {
    counted.count(10_000);
    await until('it is written', areKept(folder, counted));
    assert.ok((await readFile(join(folder, 'count'))).length < 300 * 1024);
  }
});

test('what is not understood is told once, left aside, and in nobody’s way', async (t) => {
  const folder = await temporaryDirectory(t);
  const head = (name: string, format = 1) => `{"ldirectord":"${name}","format":${format}}\n`;
  await writeFile(join(folder, 'newer'), `${head('newer', 2)}1\n`);
  await writeFile(join(folder, 'damaged'), `${head('damaged')}1\n\0\0\0\n3\n`);
  await mkdir(join(folder, 'directory'));
  const kept = ['newer', 'damaged', 'directory'].map((name) => new Counted(name));
  const { losses } = await keeping(t, folder, ...kept);
  assert.deepEqual(
    kept.map(({ last }) => last),
    [0, 3, 0],
    'what is understood counts',
  );
  await until('all are told', () => losses.length === 3);
  const [damaged = '', directory = '', newer = ''] = losses.toSorted();
  assert.match(damaged, /damaged: 1 of its 3 lines are not understood; it is .*damaged\.bad now$/);
  assert.match(directory, /directory: it is a directory; it is .*directory\.bad now$/);
  assert.match(newer, /newer: it holds something else than .*; it is .*newer\.bad now$/);
  for (const counted of kept) counted.count(1);
  await until('all are written', areKept(folder, ...kept));
  assert.equal(await readFile(join(folder, 'damaged.bad'), 'utf8'), `${head('damaged')}1\n\0\0\0\n3\n`);
  const again = ['newer', 'damaged', 'directory'].map((name) => new Counted(name));
  const next = await keeping(t, folder, ...again);
  assert.deepEqual(
    again.map(({ recalled }) => recalled.length),
    [1, 4, 1],
  );
  assert.deepEqual([...next.losses, ...losses.slice(3)], []);
});

test('a directory that is away is told once, and written to when it is back', async (t) => {
  const folder = await temporaryDirectory(t);
  const [there, away] = [join(folder, 'there'), join(folder, 'away')];
  await mkdir(there);
  const counted = [new Counted('one'), new Counted('other')];
  const { losses } = await keeping(t, there, ...counted);
  for (const each of counted) each.count(1);
  await until('both are written', areKept(there, ...counted));
  for (let round = 1; round <= 2; round += 1) {
    await rename(there, away);
    for (const each of counted) each.count(1);
    await until('it is told', () => losses.length === round);
    assert.match(losses[round - 1] ?? '', /^a restart will not know it: .*there: ENOENT: .*; tried again in 0\.02 s$/);
    await rename(away, there);
    await until('both are written again', areKept(there, ...counted));
  }
  assert.equal(losses.length, 2);
});

test('what a process that was killed while it wrote has left is taken away after a while', async (t) => {
  const folder = await temporaryDirectory(t);
  const [old, fresh, others] = [`.ldirectord-${'0'.repeat(16)}.new`, `.ldirectord-${'1'.repeat(16)}.new`, '.others'];
  for (const name of [old, fresh, others]) await writeFile(join(folder, name), '');
  for (const name of [old, others]) await utimes(join(folder, name), new Date(0), new Date(0));
  await keeping(t, folder, new Counted('count'));
  await until('it is gone, and what is written has its own name', async () => {
    const names = await readdir(folder);
    return !names.includes(old) && names.includes('count');
  });
  assert.deepEqual((await readdir(folder)).filter((name) => name.startsWith('.')).toSorted(), [fresh, others]);
  await rm(join(folder, fresh));
});
