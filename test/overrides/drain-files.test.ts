import assert from 'node:assert/strict';
import { chown, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isReason, unknownOrigin } from '../../src/model/origin.js';
import { type Note, notesAmong, writeDrainFile } from '../../src/overrides/drain-files.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

test('a drain writes through no link that somebody laid out in the directory, and reads through none', async (t) => {
  const folder = await temporaryDirectory(t);
  const victim = join(await temporaryDirectory(t), 'victim');
  await writeFile(victim, 'drain\nand more');
  const name = '10.0.0.1:80';
  for (const bait of [`.${name}.new`, '10.0.0.2:80']) await symlink(victim, join(folder, bait));
  assert.equal(await writeDrainFile(folder, name, unknownOrigin, false), true);
  assert.equal(await readFile(victim, 'utf8'), 'drain\nand more');
  assert.ok((await stat(join(folder, name))).isFile());
  // Opening what a link leads to can do harm by itself: a watchdog or a tape is a file, too.
  const notes = await notesAmong(folder, new Set([name, '10.0.0.2:80']));
  assert.deepEqual(
    [...notes].flatMap(([of, { isDrain }]) => (isDrain ? [of] : [])),
    [name],
  );
  assert.equal(await writeDrainFile(folder, '10.0.0.2:80', unknownOrigin, false), false, 'somebody’s own');
});

/** What a file that holds a text says. */
async function noteOf(t: TestContext, text: string | Buffer, owner?: number): Promise<Note | undefined> {
  const folder = await temporaryDirectory(t);
  await writeFile(join(folder, 'web1'), text);
  await utimes(join(folder, 'web1'), 1_795_000_000, 1_795_000_000);
  if (owner !== undefined) await chown(join(folder, 'web1'), owner, owner);
  return (await notesAmong(folder, new Set(['web1']))).get('web1');
}

const own = userInfo().username;

/** What stands in a file, whether that is a drain, whose and why. */
const cases: readonly (readonly [text: string, isDrain: boolean, who: string, why: string | null])[] = [
  ['', false, own, null],
  ['replacing a disk\n', false, own, 'replacing a disk'],
  ['drained\n', false, own, 'drained'],
  ['drain', true, own, null],
  ['drain\r\n', true, own, null],
  ['drain replacing a disk', true, own, 'replacing a disk'],
  ['drain\treplacing a disk\nand more\n', true, own, 'replacing a disk'],
  ['drain\nreplacing a disk\n', true, own, 'replacing a disk'],
  ['drain\nby alice\n', true, 'alice', null],
  ['drain replacing a disk\nby root (alice)\n', true, 'root (alice)', 'replacing a disk'],
  ['drain\nby the end of the week\n', true, own, 'by the end of the week'],
  [`drain ${'x'.repeat(5_000)}\nby alice\n`, true, own, 'x'.repeat(200)],
  ['drain a\u001b[31mb\u202ec', true, own, 'a\ufffd[31mb\ufffdc'],
];

for (const [text, isDrain, who, why] of cases) {
  test(`a file says ${JSON.stringify(text.slice(0, 60))}`, async (t) => {
    assert.deepEqual(await noteOf(t, text), { isDrain, who, since: 1_795_000_000_000, why });
  });
}

test('bytes that are no text, or half of a letter, make no reason that cannot be shown', async (t) => {
  for (const bytes of [Buffer.alloc(2_000, 255), Buffer.from(`drain ${'硬'.repeat(400)}`)]) {
    const note = await noteOf(t, bytes);
    assert.ok(note?.why && isReason(note.why), JSON.stringify(note));
  }
});

test('a file is its owner’s, whomever it names', {
  skip: process.getuid?.() === 0 ? false : 'needs root',
}, async (t) => {
  assert.deepEqual(await noteOf(t, 'drain disk\nby alice\n', 4_000_001), {
    isDrain: true,
    who: 'uid 4000001',
    since: 1_795_000_000_000,
    why: 'disk',
  });
});

test('a drain says who asked for it and why, and gives way to another where it is to', async (t) => {
  const folder = await temporaryDirectory(t);
  const names = new Set(['web1']);
  const said = async () => (await notesAmong(folder, names)).get('web1');
  assert.equal(await writeDrainFile(folder, 'web1', { who: 'root (alice)', why: 'a disk' }, false), true);
  const first = await said();
  assert.deepEqual([first?.isDrain, first?.who, first?.why], [true, 'root (alice)', 'a disk']);
  assert.equal(await readFile(join(folder, 'web1'), 'utf8'), 'drain a disk\nby root (alice)\n');
  assert.equal(await writeDrainFile(folder, 'web1', { who: 'bob', why: null }, false), false);
  assert.deepEqual(await said(), first);
  assert.equal(await writeDrainFile(folder, 'web1', { who: 'bob', why: null }, true), true);
  const second = await said();
  assert.deepEqual([second?.isDrain, second?.who, second?.why], [true, 'bob', null]);
});
