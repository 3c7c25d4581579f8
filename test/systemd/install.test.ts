import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { install, uninstall } from '../../systemd/install.js';
import { Instances } from '../helpers/instance.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const run = promisify(execFile);

async function filesIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found.filter((entry) => !entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name));
}

test('installed, run, installed anew and taken away', async (t) => {
  const prefix = await temporaryDirectory(t);
  const said: string[] = [];
  await install(prefix, (line) => said.push(line));
  const isTold = (file: string): boolean =>
    said.some((line) => line === file || (line.endsWith('/') && file.startsWith(line)));
  assert.deepEqual(
    (await filesIn(prefix)).filter((file) => !isTold(file)),
    [],
  );
  for (const line of said) await stat(line);

  const program = join(prefix, 'usr/sbin/ldirectord');
  assert.match((await run(program, ['--version'])).stdout, /^ldirectord \d/);
  const { folder, environment } = await Instances.open(t);
  const file = join(folder, 'web.cf');
  await writeFile(file, `logfile="${folder}/log"\nvirtual=192.0.2.1:80\n\treal=192.0.2.2:80 gate\n\tchecktype=on\n`);
  for (const verb of ['start', 'status', 'stop']) {
    await run(program, ['--backend', 'memory', file, verb], { env: environment, cwd: folder, timeout: 60_000 });
  }

  const settings = join(prefix, 'etc/default/ldirectord');
  await writeFile(settings, 'LDIRECTORD_OPTIONS=--strict\n');
  said.length = 0;
  await install(prefix, (line) => said.push(line));
  assert.ok(said.includes(`${settings} (kept as it is)`), said.join('\n'));

  said.length = 0;
  await uninstall(prefix, (line) => said.push(line));
  assert.ok(said.includes(`${settings} (kept: it was changed)`), said.join('\n'));
  assert.deepEqual(await filesIn(prefix), [settings]);
  await assert.rejects(
    uninstall(prefix, () => {}),
    /nothing was installed/,
  );
});

test('a program that is another’s is left alone, and nothing is written', async (t) => {
  const prefix = await temporaryDirectory(t);
  const program = join(prefix, 'usr/sbin/ldirectord');
  await mkdir(join(prefix, 'usr/sbin'), { recursive: true });
  await writeFile(program, 'another');
  await assert.rejects(
    install(prefix, () => {}),
    /another program's: remove its package/,
  );
  assert.deepEqual(await filesIn(prefix), [program]);
  assert.equal(await readFile(program, 'utf8'), 'another');
});
