import assert from 'node:assert/strict';
import { link, open, stat, statfs, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { holderOf } from '../../src/process/lock-holder.js';
import { flock } from '../../src/system/libc.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const [shared, exclusive, unlock] = [1, 2, 8];

test('who holds the exclusive lock of a file is told by the kernel, and nobody else is', async (t) => {
  const folder = await temporaryDirectory(t);
  const path = join(folder, 'one.pid');
  const handle = await open(path, 'a+');
  t.after(() => handle.close());
  const ask = async (guess: number | null, called = path) =>
    holderOf(called, await stat(called, { bigint: true }), guess);
  assert.equal(await ask(process.pid), null, 'open, and not locked');
  assert.equal(flock(handle.fd, shared), 0);
  assert.equal(await ask(process.pid), null, 'a lock of who looks');
  assert.equal(flock(handle.fd, exclusive), 0);
  assert.equal(await ask(process.pid), process.pid);

  // By another way to it.
  await symlink(folder, join(folder, 'by'));
  assert.equal(await ask(process.pid, join(folder, 'by', 'one.pid')), process.pid);

  // Another file of the name, and one that is locked under another name.
  const other = await open(join(await temporaryDirectory(t), 'one.pid'), 'a+');
  t.after(() => other.close());
  assert.equal(await holderOf(path, await other.stat({ bigint: true }), process.pid), null);

  // Where it is not who was guessed, all locks are looked through; not every file system is called there as by stat(2).
  const [tmpfs, ext4, xfs] = [0x0102_1994, 0xef53, 0x5846_5342];
  if ([tmpfs, ext4, xfs].includes((await statfs(folder)).type)) {
    for (const guess of [null, 1, process.ppid, 2 ** 31 - 1]) assert.equal(await ask(guess), process.pid, `${guess}`);
    await link(path, join(folder, 'two.pid'));
    assert.equal(await ask(process.pid, join(folder, 'two.pid')), process.pid);
  }
  assert.equal(flock(handle.fd, unlock), 0);
  assert.equal(await ask(process.pid), null);
});
