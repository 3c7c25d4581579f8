import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, rename, rm, symlink, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { AppendFile } from '../../src/observe/append-file.js';
import type { Course } from '../../src/observe/line-queue.js';
import { until } from '../helpers/deadline.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

async function file(t: TestContext, options: { bound?: number; path?: string } = {}) {
  const folder = await temporaryDirectory(t);
  const path = options.path ?? join(folder, 'log');
  const courses: Course[] = [];
  const onCourse = (course: Course): void => {
    courses.push(course);
    if (!course.failing && course.lost > 0) log.write(`${course.lost} lines were lost: ${course.reason}\n`);
  };
  const log: AppendFile = new AppendFile({ retryDelay: 20, ...options, path, onCourse });
  t.after(() => log.close());
  const read = async (from = path) => (await readFile(from, 'utf8').catch(() => '')).split('\n').slice(0, -1);
  const arrived = (line: string) => until(`${line} stands in the file`, async () => (await read()).includes(line));
  return { folder, path, log, courses, read, arrived };
}

test('rotation by rename while lines are written loses none and keeps their order', async (t) => {
  const { path, log, read, arrived } = await file(t);
  for (let turn = 0; turn < 5; turn += 1) {
    for (let n = 0; n < 200; n += 1) log.write(`${turn * 200 + n}\n`);
    await arrived(`${turn * 200}`);
    await rename(path, `${path}.${turn}`);
  }
  log.write('last\n');
  await arrived('last');
  const parts = await Promise.all([0, 1, 2, 3, 4].map((turn) => read(`${path}.${turn}`)));
  const all = [...parts.flat(), ...(await read())];
  assert.deepEqual(all, [...Array.from({ length: 1000 }, (_, n) => String(n)), 'last']);
});

test('a file that is truncated goes on from its beginning', async (t) => {
  const { path, log, read, arrived } = await file(t);
  log.write('one\n');
  await arrived('one');
  await copyFile(path, `${path}.1`);
  await truncate(path);
  log.write('two\n');
  await arrived('two');
  assert.deepEqual(await read(), ['two']);
});

test('a file that is removed, with its folder, comes back when the folder does', async (t) => {
  const { folder, path, log, read, arrived } = await file(t);
  log.write('one\n');
  await arrived('one');
  await unlink(path);
  log.write('two\n');
  await arrived('two');
  await rm(folder, { recursive: true });
  log.write('three\n');
  await mkdir(folder);
  await arrived('three');
  assert.deepEqual(await read(), ['three']);
});

test('a full disk costs what is over the bound, and the loss is told when there is room', async (t) => {
  const { folder, path, log, courses, read } = await file(t, { bound: 100 });
  await symlink('/dev/full', path);
  for (let n = 0; n < 50; n += 1) log.write(`line ${n}\n`);
  await until('the trouble is told', () => courses.length > 0);
  const [first] = courses;
  assert.deepEqual([first?.failing, first?.reason], [true, 'ENOSPC']);
  for (let n = 50; n < 60; n += 1) log.write(`line ${n}\n`);
  await symlink(join(folder, 'disk'), `${path}.new`);
  await rename(`${path}.new`, path);
  await until('the losses are told', async () => (await read()).some((line) => line.includes('lost')));
  const lines = await read();
  assert.equal(lines[0], 'line 0');
  const last = lines.at(-1) ?? '';
  assert.match(last, /^10 lines were lost: ENOSPC$/);
  const lost = courses.reduce((sum, course) => sum + course.lost, 0);
  assert.equal(lost + lines.length - 1, 60, 'every line was written or counted');
});

test('closing writes what waits, and ends even where it cannot', async (t) => {
  const { log, read } = await file(t);
  for (let n = 0; n < 1000; n += 1) log.write(`${n}\n`);
  await log.close();
  assert.equal((await read()).length, 1000);
  const full = await file(t, { path: '/dev/full' });
  full.log.write('lost\n');
  await full.log.close();
});
