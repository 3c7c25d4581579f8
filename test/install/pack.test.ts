/** What npm packs is the whole program: installed by npm alone, it installs the same as a clone does. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { library } from '../../src/install/entries.js';
import { Instances } from '../helpers/instance.js';
import { startRegistry } from '../helpers/npm-registry.js';
import { lacks } from '../helpers/programs.js';
import { repository } from '../helpers/repository.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

/** Milliseconds: it compiles twice, and copies thousands of files. */
const patience = 300_000;

/** Runs a program that knows nothing of the npm that may have started this test. */
async function run(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_/i.test(name));
  const env = { ...Object.fromEntries(inherited), ...environment };
  const options = { cwd: repository, env, timeout: patience, maxBuffer: 64 * 1024 * 1024 };
  return (await promisify(execFile)(program, args, options)).stdout;
}

/** The folder of what `npm install -g` makes of what `npm pack` gives. */
async function packed(t: TestContext): Promise<string> {
  const folder = await temporaryDirectory(t);
  await run('npm', ['pack', '--silent', '--pack-destination', folder]);
  const [archive = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  const registry = await startRegistry(t);
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--silent'];
  // Packages may compile nothing: what they bring compiled has to do.
  const args = ['install', '--global', '--ignore-scripts', '--prefix', folder, join(folder, archive), ...quiet];
  await run('npm', args, { npm_config_registry: registry, npm_config_cache: join(folder, 'cache') });
  return folder;
}

/**
 * Every file below a folder, with its mode and what is in it. Those of packages go by the package: npm may put one
 * inside another that needs it, or beside it.
 */
async function contents(root: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode } = await stat(path);
    const digest = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    found.set(await nameOf(root, path), `${(mode & 0o777).toString(8)} ${digest}`);
  }
  // What was compiled on this machine is not part of a package.
  const compiled = [...found.keys()]
    .filter((name) => /[ /]binding\.gyp$/.test(name))
    .map((name) => name.replace(/binding\.gyp$/, 'build/'));
  for (const name of [...found.keys()]) if (compiled.some((folder) => name.startsWith(folder))) found.delete(name);
  return found;
}

async function nameOf(root: string, path: string): Promise<string> {
  const [, folder, rest] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\/(.*)$/.exec(path) ?? [];
  if (folder === undefined) return relative(root, path);
  const { name, version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  return `${name}@${version} ${rest}`;
}

test('packed, installed by npm, and from there into a system: as from a clone', {
  skip: lacks('npm') || lacks('tar'),
}, async (t) => {
  const folder = await packed(t);
  const own = join(folder, 'lib/node_modules/ldirectord');
  for (const name of ['examples/nat.cf', 'examples/alerts.yml', 'README.md', 'CHANGELOG.md', 'LICENSE']) {
    await stat(join(own, name));
  }
  const files = (await readdir(own, { recursive: true, encoding: 'utf8' })).filter(
    (name) => !/node_modules/.test(name),
  );
  assert.deepEqual(
    files.filter((name) => /\.(ts|in)$/.test(name)),
    [],
  );
  // What a stack trace says of the bundle leads back to the sources.
  const bundled = files.filter((name) => /^dist\/[^/]+\.c?js$/.test(name));
  assert.ok(bundled.length > 0);
  assert.deepEqual(
    bundled.filter((name) => !files.includes(`${name}.map`)),
    [],
  );

  const [system, other] = [join(folder, 'system'), join(folder, 'other')];
  const words = await run(join(folder, 'bin/ldirectord'), ['install-system', '--prefix', system]);
  assert.match(words, /\nInstalled\. Now: systemctl daemon-reload\n$/);
  await run('npm', ['run', '--silent', 'install:system', '--', '--prefix', other]);
  const [theirs, ours] = await Promise.all([contents(system), contents(other)]);
  assert.deepEqual([...theirs.keys()].toSorted(), [...ours.keys()].toSorted());
  for (const [name, content] of ours) assert.equal(theirs.get(name), content, name);

  const program = join(system, 'usr/sbin/ldirectord');
  assert.match(await run(program, ['--version']), /^ldirectord \d/);
  assert.match(await run(program, ['--help']), /^Usage: /m);
  assert.match(await run(program, ['help', 'cf']), /virtual/);
  // The system's log is not everybody's to write.
  const example = await readFile(join(own, 'examples/nat.cf'), 'utf8');
  const file = join(folder, 'nat.cf');
  await writeFile(file, example.replace('/var/log/', `${folder}/`));
  assert.equal(await run(program, ['--backend', 'memory', file, 'check']), '');

  const instances = await Instances.open(t);
  const web = await instances.create('web.cf', 'virtual=192.0.2.1:80\n\treal=127.0.0.1:9 masq\n');
  for (const verb of ['start', 'status', 'list', 'stop']) {
    await run(program, ['--backend', 'memory', web.file, verb], instances.environment);
  }

  // What was installed can do as much for itself.
  await run(program, ['install-system', '--prefix', system]);
  const again = await contents(system);
  for (const [name, content] of theirs) assert.equal(again.get(name), content, name);
  await run(program, ['install-system', '--prefix', system, '--uninstall']);
  assert.deepEqual([...(await contents(system)).keys()], []);
  await assert.rejects(stat(dirname(join(system, library, 'x'))));
});
