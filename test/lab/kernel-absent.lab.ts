/** A director whose kernel has no IPVS, or keeps it from this process. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBackend } from '../../src/ipvs/open.js';
import { cli, Program } from '../helpers/process.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

test('without the capability the program says what it takes', async (t) => {
  const folder = await temporaryDirectory(t);
  await chmod(folder, 0o755);
  const file = join(folder, 'web.cf');
  await writeFile(file, 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n');
  const program = new Program(t, 'setpriv', [
    '--reuid=65534',
    '--clear-groups',
    process.execPath,
    cli,
    '-d',
    file,
    'start',
  ]);
  assert.equal(await program.exit, 1);
  assert.match(program.text, /^ldirectord: kernel IPVS: .*CAP_NET_ADMIN.*--backend userspace/);
});

test('the module is loaded where it is not', async () => {
  execFileSync('rmmod', ['ip_vs']);
  const backend = await openBackend('auto');
  assert.equal(backend.name, 'kernel');
  assert.equal((await backend.read()).size, 0);
  await backend.close();
});

test('without the module it says what to do, and takes no other backend by itself', async (t) => {
  execFileSync('rmmod', ['ip_vs']);
  const release = execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim();
  const modules = await realpath(`/lib/modules/${release}`);
  execFileSync('mount', ['-t', 'tmpfs', 'none', modules]);
  t.after(() => execFileSync('umount', [modules]));
  for (const name of ['auto', 'kernel'] as const) {
    await assert.rejects(openBackend(name), { code: 'ENOENT', message: /modprobe ip_vs.*--backend userspace/ });
  }
});
