import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lacks } from './helpers/programs.js';
import { temporaryDirectory } from './helpers/temporary-directory.js';
import { unitTests, wayOutside } from './unit.js';

const compiled = (name: string): string => fileURLToPath(new URL(`${name}.test.js`, import.meta.url));

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

/** Milliseconds: a minute by itself, and others run at the same time. */
const patience = 900_000;
/** Nobody's rights, and a network with a loopback alone. */
const bare = ['--user', '--map-root-user', '--net', 'sh', '-c', 'ip link set lo up && exec unshare --user "$@"', 'sh'];

test('unit tests pass where there is Node and nothing else: no rights, no network, no programs', {
  skip: lacks('unshare') || lacks('ip'),
}, async (t) => {
  const folder = await temporaryDirectory(t);
  const [path, temporary] = [join(folder, 'bin'), join(folder, 'tmp')];
  await Promise.all([mkdir(path), mkdir(temporary)]);
  await symlink(process.execPath, join(path, 'node'));
  const clean = `PATH=${path} HOME=${folder} TMPDIR=${temporary}`.split(' ');
  const node = [process.execPath, '--test', '--test-concurrency=2', '--test-reporter=tap', ...unitTests()];
  const child = spawn('unshare', [...bare, 'env', '-i', ...clean, ...node], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: patience,
    killSignal: 'SIGKILL',
  });
  const words = textOf(child.stdout);
  const [code] = (await once(child, 'exit')) as [number | null];
  const text = await words;
  const failed = text.match(/^ *not ok [\s\S]*?^ *\.\.\.$/gm) ?? [];
  assert.equal(code, 0, failed.join('\n') || text.slice(-2_000));
  const count = (what: string): number => Number(new RegExp(`^# ${what} ([\\d.]+)$`, 'm').exec(text)?.[1]);
  t.diagnostic(`${count('tests')} tests, ${count('skipped')} skipped, ${count('duration_ms')} ms`);
  assert.ok(count('skipped') <= count('tests') / 50, `${count('skipped')} of ${count('tests')} are skipped`);
});
