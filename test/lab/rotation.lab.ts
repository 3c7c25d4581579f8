/** logrotate(8) at work on the log while lines are written: which of them arrive, and where. */

import assert from 'node:assert/strict';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { lacks } from '../helpers/programs.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { run } from './inside/command.js';
import { eventually } from './inside/eventually.js';
import { weights } from './inside/table.js';
import { configure, end, fileOf, ours, pidOf, statusOf } from './inside/verbs.js';

const name = 'rotation.cf';
/** Each new version of the file makes a line for each of them. */
const servers = 40;
const rotations = 4;
const skip = lacks('logrotate');
const restored = /: 10\.1\.0\.(\d+):80 .*\(Weight set to (\d+)\)$/;

interface Instance {
  readonly pid: number;
  /** Writes a version of the file with this weight; settles when it stands in the table. */
  readonly take: (weight: number) => Promise<void>;
  /** Has logrotate do its work. */
  readonly rotate: () => Promise<unknown>;
  /** The piece that is written to; empty where there is none. */
  readonly current: () => Promise<string>;
  /** The log in pieces, the oldest first. */
  readonly pieces: () => Promise<string[]>;
}

async function startInstance(t: TestContext, ...directives: string[]): Promise<Instance> {
  const folder = await temporaryDirectory(t);
  await chmod(folder, 0o755);
  const log = join(folder, 'log');
  const rules = join(folder, 'rules');
  await writeFile(rules, `${log} {\n${['rotate 100', ...directives].join('\n')}\n}\n`);
  await configure(name, version(log, 1));
  assert.equal(await statusOf(ours, name, 'start'), 0);
  t.after(() => end(name));
  const pid = await pidOf(name);
  assert.ok(pid !== null);
  const current = (): Promise<string> => readFile(log, 'utf8').catch(() => '');
  return {
    pid,
    current,
    async take(weight) {
      await writeFile(fileOf(name), version(log, weight));
      process.kill(pid, 'SIGHUP');
      await eventually(`weight ${weight} stands everywhere`, () => standsEverywhere(weight));
    },
    rotate: () => run('logrotate', '-f', '-s', join(folder, 'state'), rules),
    async pieces() {
      const numbers = (await readdir(folder)).map((file) => Number(/^log\.(\d+)$/.exec(file)?.[1] ?? 0));
      const rotated = numbers.filter((number) => number > 0).toSorted((a, b) => b - a);
      return Promise.all([...rotated.map((number) => readFile(`${log}.${number}`, 'utf8')), current()]);
    },
  };
}

function version(log: string, weight: number): string {
  const reals = Array.from({ length: servers }, (_, n) => `\treal=10.1.0.${n}:80 masq ${weight}\n`);
  return `logfile="${log}"\nvirtual=192.0.2.1:80\n${reals.join('')}\tchecktype=on\n`;
}

/** New versions one after another until the work is done, and one more; gives the last weight. */
async function writeWhile(instance: Instance, work: () => Promise<void>): Promise<number> {
  let isDone = false;
  const working = work().finally(() => {
    isDone = true;
  });
  // Looked at below.
  working.catch(() => {});
  let weight = 1;
  for (let isLast = false; !isLast; ) {
    isLast = isDone;
    weight += 1;
    await instance.take(weight);
  }
  await working;
  const last = `: 10.1.0.${servers - 1}:80 (192.0.2.1:80) (Weight set to ${weight})\n`;
  await eventually(`${last} is in the log`, async () => (await instance.current()).includes(last));
  return weight;
}

function standsEverywhere(weight: number): boolean {
  const standing = [...weights().values()].flatMap((destinations) => [...destinations.values()]);
  return standing.length === servers && standing.every((one) => one === weight);
}

/** The lines that the changes of weights made, as numbers that grow by one from line to line. */
function numbersIn(piece: string): number[] {
  return piece.split('\n').flatMap((line) => {
    const [, server, weight] = restored.exec(line) ?? [];
    return weight === undefined || weight === '1' ? [] : [(Number(weight) - 2) * servers + Number(server)];
  });
}

async function assertNothingLost(t: TestContext, { pieces }: Instance, weight: number): Promise<void> {
  const texts = await pieces();
  assert.equal(texts.length, rotations + 1);
  const numbers = texts.map(numbersIn);
  t.diagnostic(`${numbers.map(({ length }) => length).join(' + ')} lines`);
  assert.deepEqual(
    numbers.flat(),
    Array.from({ length: (weight - 1) * servers }, (_, number) => number),
  );
}

/** Waits until there is something to rotate. */
function linesIn({ current }: Instance): Promise<void> {
  return eventually('there are lines', async () => numbersIn(await current()).length > 0);
}

test('renamed: no line is lost', { skip }, async (t) => {
  const instance = await startInstance(t);
  const weight = await writeWhile(instance, async () => {
    for (let turn = 0; turn < rotations; turn += 1) {
      await linesIn(instance);
      await instance.rotate();
    }
  });
  await assertNothingLost(t, instance, weight);
});

/** Every thread of it: one of them is the one that writes. */
async function isStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`);
  const states = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/status`, 'latin1')));
  return states.every((state) => /^State:\tT/m.test(state));
}

test('copied and truncated between two lines: no line is lost', { skip }, async (t) => {
  const instance = await startInstance(t, 'copytruncate');
  const weight = await writeWhile(instance, async () => {
    for (let turn = 0; turn < rotations; turn += 1) {
      await linesIn(instance);
      process.kill(instance.pid, 'SIGSTOP');
      try {
        await eventually('it stands still', () => isStopped(instance.pid));
        await instance.rotate();
      } finally {
        process.kill(instance.pid, 'SIGCONT');
      }
    }
  });
  await assertNothingLost(t, instance, weight);
});

test('copied and truncated at any moment: only what came between the two is lost, and the rest is whole', {
  skip,
}, async (t) => {
  const instance = await startInstance(t, 'copytruncate');
  await writeWhile(instance, async () => {
    for (let turn = 0; turn < rotations; turn += 1) {
      await linesIn(instance);
      await instance.rotate();
    }
  });
  const pieces = await instance.pieces();
  assert.equal(pieces.length, rotations + 1);
  let before = -1;
  for (const piece of pieces) {
    assert.match(piece, /^\[/);
    assert.ok(!piece.includes('\0'), 'a hole in the file');
    const numbers = numbersIn(piece);
    const [first = before] = numbers;
    t.diagnostic(`${numbers.length} lines, after ${first - before - 1} that logrotate lost`);
    assert.ok(first > before || numbers.length === 0);
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => first + index),
    );
    before = numbers.at(-1) ?? before;
  }
});
