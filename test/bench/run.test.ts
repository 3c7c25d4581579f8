import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../helpers/deadline.js';
import { lacks } from '../helpers/programs.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { missing } from './machine.js';
import type { Row } from './results.js';

const script = fileURLToPath(new URL('./run.js', import.meta.url));
const patience = 90_000;
const skip = missing() ?? lacks('keepalived');

/** With a folder of its own for everything temporary, by which what it starts is known. */
async function startBench(t: TestContext, ...args: string[]) {
  const folder = await temporaryDirectory(t);
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Of its own group, as a shell starts it.
    detached: true,
    timeout: patience,
  });
  return { child, folder, exit: once(child, 'exit') };
}

/** Processes with the folder on their command line. */
async function processesIn(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(folder));
}

test('a quick run measures both peers and leaves nothing behind', { skip }, async (t) => {
  const { child, folder, exit } = await startBench(t, '--quick', '--json', 'connect');
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.deepEqual(await exit, [0, null], errors);
  const rows = JSON.parse(output) as Row[];
  const row = (name: string) => rows.find(({ measure }) => measure === name);
  for (const peer of ['ours', 'keepalived'] as const) {
    assert.ok((row('checks')?.medians[peer] ?? 0) > 0, `${peer} checked`);
    assert.ok((row('processor time')?.medians[peer] ?? 0) > 0, `${peer} took time`);
    assert.equal(row('removed wrongly')?.medians[peer], 0);
  }
  assert.ok((row('processor time')?.ratios.keepalived ?? 0) > 0);
  assert.deepEqual(await processesIn(folder), []);
  assert.deepEqual(await readdir(folder), []);
});

test('a Ctrl-C ends everything that runs', { skip }, async (t) => {
  const { child, folder, exit } = await startBench(t, '--quick', 'connect');
  const { pid } = child;
  assert.ok(pid);
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (words: string) => {
    told += words;
  });
  child.stdout.resume();
  const checker = async () => (await processesIn(folder)).some((line) => line.includes('ours.cf'));
  await until(() => `it checks:\n${told}`, checker, patience);
  process.kill(-pid, 'SIGINT');
  assert.deepEqual(await exit, [130, null], told);
  assert.deepEqual(await processesIn(folder), []);
  assert.deepEqual(await readdir(folder), []);
});

test('what it does not understand it says, and ends', async (t) => {
  const { child, exit } = await startBench(t, '--quick', 'nothing');
  assert.match(await text(child.stderr), /no work is called nothing/);
  assert.deepEqual(await exit, [2, null]);
});
