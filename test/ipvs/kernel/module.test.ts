import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadModule } from '../../../src/ipvs/kernel/module.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

/** Puts a program called modprobe before every other, so that no module of this machine is touched. */
async function imitate(t: TestContext, script: string): Promise<void> {
  const folder = await temporaryDirectory(t);
  const path = join(folder, 'modprobe');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  const { PATH } = process.env;
  process.env['PATH'] = `${folder}:${PATH}`;
  t.after(() => {
    process.env['PATH'] = PATH;
  });
}

test('says nothing where the module was loaded', async (t) => {
  await imitate(t, '[ "$*" = ip_vs ]');
  assert.equal(await loadModule(), null);
});

test('says in one line why it was not', async (t) => {
  await imitate(t, 'echo "modprobe: FATAL: not found" >&2; echo more >&2; exit 1');
  assert.equal(await loadModule(), 'modprobe: FATAL: not found');
});

test('a program that is not there is no more than a reason', async () => {
  assert.match((await loadModule('/nowhere/modprobe')) ?? '', /\/nowhere\/modprobe/);
});

test('a program that the system does not start is no more than a reason', async (t) => {
  // Too long for execve(2), which child_process throws and does not emit, as it does where memory is short.
  process.env['MODULE_TEST'] = 'x'.repeat(200_000);
  t.after(() => {
    delete process.env['MODULE_TEST'];
  });
  assert.match((await loadModule('true')) ?? '', /E2BIG/);
});
