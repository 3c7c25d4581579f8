import assert from 'node:assert/strict';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Directory } from '../../src/overrides/directory.js';
import { until } from '../helpers/deadline.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

async function watched(t: TestContext, options: { exists?: boolean; poll?: number } = {}) {
  const path = join(await temporaryDirectory(t), 'maintenance');
  if (options.exists !== false) await mkdir(path);
  let changes = 0;
  const onChange = (): void => {
    changes += 1;
  };
  const directory = await Directory.open(path, { poll: options.poll ?? 1_000, onChange });
  t.after(() => directory.close());
  const holds = (...names: string[]) =>
    until(
      () => `the names are ${names}; they are ${[...directory.names]}`,
      () => [...directory.names].toSorted().join() === names.join(),
    );
  return { path, directory, holds, changes: () => changes };
}

test('files that come, go and are renamed are seen by the watch alone', async (t) => {
  // The polling would come too late for the test.
  const { path, holds } = await watched(t, { poll: 3_600_000 });
  await writeFile(join(path, '10.0.0.1'), '');
  await holds('10.0.0.1');
  await rename(join(path, '10.0.0.1'), join(path, '10.0.0.2'));
  await holds('10.0.0.2');
  await rm(join(path, '10.0.0.2'));
  await holds();
});

test('what stands there at the start is known at once', async (t) => {
  const folder = await temporaryDirectory(t);
  await writeFile(join(folder, 'web1'), '');
  const directory = await Directory.open(folder, { onChange: () => {} });
  t.after(() => directory.close());
  assert.deepEqual([...directory.names], ['web1']);
});

test('a directory that comes later, goes and comes again is followed', async (t) => {
  const { path, holds } = await watched(t, { exists: false, poll: 20 });
  await mkdir(path);
  await writeFile(join(path, 'a'), '');
  await holds('a');
  await rm(path, { recursive: true });
  await holds();
  await mkdir(path);
  await writeFile(join(path, 'b'), '');
  await holds('b');
});

test('a burst of files ends with the right names', async (t) => {
  const { path, directory, changes } = await watched(t);
  for (let n = 0; n < 300; n += 1) await writeFile(join(path, String(n)), '');
  await until('all are seen', () => directory.names.size === 300);
  assert.ok(changes() <= 300);
});
