import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from './helpers/temporary-directory.js';
import { parseTap, relay } from './lab/tap.js';
import { bareMissing, suite } from './suite.js';
import { unitTests, wayOutside } from './unit.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
const compiled = (name: string): string => join(folder, `${name}.test.js`);

test('a test is a unit test by what it imports', () => {
  for (const name of ['config/file/parse', 'health/members', 'reconcile/desired', 'observe/http/api']) {
    assert.equal(wayOutside(compiled(name)), null, name);
  }
  for (const name of [
    'probes/services/pgsql',
    'verbs/verbs',
    'observe/page/page',
    'lab/lab',
    'config/file/reference',
    'daemon',
    'probes/programs/external',
    'unit',
  ]) {
    assert.ok(wayOutside(compiled(name)), name);
  }
});

test('npm test runs every test: unit tests below, the others by themselves, and twice only what may be skipped', () => {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.js'));
  const [below, others] = [unitTests(), suite()];
  assert.deepEqual(new Set([...below, ...others]), new Set(all.map((name) => join(folder, name))));
  const twice = below.filter((file) => others.includes(file));
  assert.ok(bareMissing !== false || twice.length < below.length / 5, twice.join(', '));
});

/** Milliseconds: a minute by itself, and others run at the same time. */
const patience = 900_000;
/** Half of their time they wait, so that a processor has as much to do with two. */
const filesAtOnce = 2 * availableParallelism();
/** Nobody's rights, and a network with a loopback alone. */
const bare = ['--user', '--map-root-user', '--net', 'sh', '-c', 'ip link set lo up && exec unshare --user "$@"', 'sh'];

test('unit tests pass where there is Node and nothing else: no rights, no network, no programs', {
  skip: bareMissing,
}, async (t) => {
  const home = await temporaryDirectory(t);
  const [path, temporary] = [join(home, 'bin'), join(home, 'tmp')];
  await Promise.all([mkdir(path), mkdir(temporary)]);
  await symlink(process.execPath, join(path, 'node'));
  // The runner of this file is not theirs.
  const own = ['-u', 'NODE_TEST_CONTEXT', `PATH=${path}`, `HOME=${home}`, `TMPDIR=${temporary}`];
  const node = [process.execPath, '--test', `--test-concurrency=${filesAtOnce}`, '--test-reporter=tap', ...unitTests()];
  const child = spawn('unshare', [...bare, 'env', ...own, ...node], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: patience,
    killSignal: 'SIGKILL',
  });
  const words = textOf(child.stdout);
  const [code] = (await once(child, 'exit')) as [number | null];
  const text = await words;
  const { results, complete } = parseTap(text);
  for (const result of results) await relay(t, result);
  const told = results.some(({ ok }) => !ok);
  assert.ok(complete && (code === 0 || told), text.slice(-2_000));
  const count = (what: string): number => Number(new RegExp(`^# ${what} ([\\d.]+)$`, 'm').exec(text)?.[1]);
  t.diagnostic(`${count('tests')} tests, ${count('skipped')} skipped, ${count('duration_ms')} ms`);
  assert.ok(count('skipped') <= count('tests') / 50, `${count('skipped')} of ${count('tests')} are skipped`);
});
