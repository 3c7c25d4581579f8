import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, chown, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { install, uninstall } from '../../src/install/install.js';
import { command } from '../../src/install/own.js';
import { outOfReach } from '../../src/install/running.js';
import { until } from '../helpers/deadline.js';
import { Instances } from '../helpers/instance.js';
import { cli } from '../helpers/process.js';
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
  for (const line of said.filter((line) => line.startsWith('/'))) await stat(line);

  const program = join(prefix, 'usr/sbin/ldirectord');
  assert.match((await run(program, ['--version'])).stdout, /^ldirectord \d/);
  const instances = await Instances.open(t);
  const web = await instances.create('web.cf', 'virtual=192.0.2.1:80\n\treal=192.0.2.2:80 gate\n\tchecktype=on\n');
  const options = { env: instances.environment, cwd: instances.folder, timeout: 60_000 };
  const act = (verb: string) => run(program, ['--backend', 'memory', web.file, verb], options);
  await act('start');
  await act('status');
  const pid = await web.pid();
  await assert.rejects(
    uninstall(prefix, () => {}),
    new RegExp(`it runs, as process ${pid}; end it first`),
  );
  const settings = join(prefix, 'etc/default/ldirectord');
  await writeFile(settings, 'LDIRECTORD_OPTIONS=--strict\n');
  said.length = 0;
  await install(prefix, (line) => said.push(line));
  assert.ok(said.includes(`${settings} (kept as it is)`), said.join('\n'));

  await assert.rejects(
    uninstall(prefix, () => {}),
    /it runs/,
    'what runs is of an older installation',
  );
  await act('stop');
  await until('it is gone', async () => (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) === '');

  const wanting = join(prefix, 'etc/systemd/system/multi-user.target.wants');
  await mkdir(wanting, { recursive: true });
  const others = join(wanting, 'other.service');
  for (const link of ['ldirectord.service', 'ldirectord@two.cf.service', 'other.service']) {
    await symlink('/nowhere', join(wanting, link));
  }

  said.length = 0;
  await uninstall(prefix, (line) => said.push(line));
  assert.ok(said.includes(join(wanting, 'ldirectord@two.cf.service')), said.join('\n'));
  assert.ok(said.includes(`${settings} (kept: it was changed)`), said.join('\n'));
  assert.deepEqual((await filesIn(prefix)).toSorted(), [settings, others].toSorted());
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
    /another program's: remove it; .* --take-over/,
  );
  assert.deepEqual(await filesIn(prefix), [program]);
  assert.equal(await readFile(program, 'utf8'), 'another');
});

test('npm’s own link to the program gives way to it, where both are in one folder', async (t) => {
  const prefix = await temporaryDirectory(t);
  const program = join(prefix, 'usr/sbin/ldirectord');
  await mkdir(join(prefix, 'usr/sbin'), { recursive: true });
  await symlink(command, program);
  await install(prefix, () => {});
  assert.equal((await lstat(program)).isSymbolicLink(), false);
  assert.match((await run(program, ['--version'])).stdout, /^ldirectord \d/);
  assert.match(await readFile(command, 'utf8'), /argv to a verb/, 'what the link led to is as it was');
});

test('everybody can read and run what is installed, whatever the umask of who did it and their own PATH', async (t) => {
  const folder = await temporaryDirectory(t);
  const prefix = join(folder, 'new/prefix');
  const script = 'umask 077 && exec "$@"';
  await run('sh', ['-c', script, 'sh', process.execPath, cli, 'install-system', '--prefix', prefix], {
    timeout: 60_000,
  });
  assert.equal((await stat(folder)).mode & 0o777, 0o700, 'what was there before keeps its mode');
  const programs = ['usr/sbin/ldirectord', 'usr/lib/ocf/resource.d/ldirectord/ldirectord'];
  for (const entry of await readdir(join(folder, 'new'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const isProgram = entry.isDirectory() || programs.some((program) => path === join(prefix, program));
    const mode = path === join(prefix, 'var/lib/ldirectord') ? '700' : isProgram ? '755' : '644';
    assert.equal(((await stat(path)).mode & 0o777).toString(8), mode, path);
  }

  // Nor need the PATH have a Node: a unit's has none where Node stands in a folder of its own.
  const path = join(folder, 'path');
  await mkdir(path);
  for (const name of ['dirname', 'readlink']) {
    const { stdout } = await run('sh', ['-c', `command -v ${name}`]);
    await symlink(stdout.trim(), join(path, name));
  }
  const { stdout } = await run(join(prefix, 'usr/sbin/ldirectord'), ['--version'], { env: { PATH: path } });
  assert.match(stdout, /^ldirectord \d/);
});

test('a Node in a closed folder of another user is out of the reach of the units', {
  skip: process.getuid?.() === 0 ? false : 'only root can give files away',
}, async (t) => {
  const folder = await temporaryDirectory(t);
  const node = join(folder, 'home/bin/node');
  await mkdir(join(folder, 'home/bin'), { recursive: true });
  await writeFile(node, '');
  await chmod(node, 0o755);
  assert.equal(await outOfReach(node), null, 'of root');
  await chown(join(folder, 'home'), 1234, 1234);
  assert.equal(await outOfReach(node), null, 'open to all');
  await chmod(join(folder, 'home'), 0o700);
  assert.equal(await outOfReach(node), join(folder, 'home'));
});
