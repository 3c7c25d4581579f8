import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { run } from './inside/command.js';
import { eventually } from './inside/eventually.js';
import { savedRules } from './inside/table.js';
import { configure, fileOf, ours, pidFileOf, pidOf, reference, statusOf, type Verbs } from './inside/verbs.js';

const name = 'verbs.cf';
const good = 'virtual=192.0.2.1:80\n\treal=192.0.2.2:80 gate\n\tchecktype=on\n';
const broken = `bogus=1\n${good}`;

/** What the administrator finds, and how it comes about. */
const situations: Readonly<Record<string, (program: Verbs) => Promise<void>>> = {
  stopped: async () => {
    const running = await pidOf(name);
    // At once: how it cleans up is not what is looked at here.
    if (running !== null) process.kill(running, 'SIGKILL');
    await eventually('it is gone', async () => (await pidOf(name)) === null);
    await rm(pidFileOf(name), { force: true });
    await run('ipvsadm', '-C');
    await configure(name, good);
  },
  running: async (program) => {
    await configure(name, good);
    if ((await pidOf(name)) === null) await statusOf(program, name, 'start');
    await eventually('it runs', async () => (await pidOf(name)) !== null);
    await eventually('its table stands', async () => (await savedRules()).length === 2);
  },
  'running, broken file': async (program) => {
    await situations['running']?.(program);
    await configure(name, broken);
  },
  'stopped, broken file': async (program) => {
    await situations['stopped']?.(program);
    await configure(name, broken);
  },
  'stale pid file': async (program) => {
    await situations['stopped']?.(program);
    await writeFile(pidFileOf(name), '99999\n');
  },
  'no file': async (program) => {
    await situations['stopped']?.(program);
    await rm(fileOf(name));
  },
};

/** The exit status of both, or of the reference and of ours where they differ. */
type Expected = number | readonly [reference: number, ours: number];

const expected: readonly (readonly [situation: string, verb: string, status: Expected])[] = [
  ['stopped', 'status', 3],
  ['stopped', 'stop', 0],
  ['stopped', 'reload', 1],
  ['stopped', 'force-reload', 1],
  ['stopped', 'try-restart', 0],
  ['stopped', 'start', 0],
  ['running', 'status', 0],
  ['running', 'start', 0],
  ['running', 'reload', 0],
  ['running', 'force-reload', 0],
  ['running', 'try-restart', 0],
  ['running', 'restart', 0],
  ['running', 'stop', 0],
  ['stopped', 'restart', 0],
  // They need the pid file alone.
  ['running, broken file', 'status', [2, 0]],
  ['running, broken file', 'reload', 2],
  ['running, broken file', 'restart', 2],
  ['running, broken file', 'stop', [2, 0]],
  ['stopped, broken file', 'start', 2],
  ['stopped, broken file', 'status', [2, 3]],
  ['stale pid file', 'status', 1],
  ['stale pid file', 'reload', 1],
  ['stale pid file', 'stop', 0],
  ['stale pid file', 'try-restart', 0],
  ['stale pid file', 'start', 0],
  // As a file with errors: a service manager is not to try again and again.
  ['no file', 'start', [1, 2]],
  // The usage of a wrong command line: 255 is what Perl's die leaves behind.
  ['stopped', 'dance', [255, 2]],
];

test('verbs and exit statuses, side by side with the reference', async (t) => {
  const columns: number[][] = [];
  for (const program of [reference, ours]) {
    const column: number[] = [];
    for (const [situation, verb] of expected) {
      await situations[situation]?.(program);
      column.push(await statusOf(program, name, verb));
    }
    await situations['stopped']?.(program);
    columns.push(column);
  }
  const rows = expected.map(([situation, verb, status], index) => ({
    situation,
    verb,
    seen: columns.map((column) => column[index]),
    wanted: typeof status === 'number' ? [status, status] : [...status],
  }));
  t.diagnostic(`${'situation'.padEnd(22)}${'verb'.padEnd(14)}reference  ours`);
  for (const { situation, verb, seen } of rows) {
    t.diagnostic(
      `${situation.padEnd(22)}${verb.padEnd(14)}${String(seen[0]).padStart(9)}${String(seen[1]).padStart(6)}`,
    );
  }
  assert.deepEqual(
    rows.map(({ situation, verb, seen }) => [situation, verb, seen]),
    rows.map(({ situation, verb, wanted }) => [situation, verb, wanted]),
  );
});
