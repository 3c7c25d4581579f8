/** The log on a real terminal, whose reader stops: Ctrl-S, a stuck console, a collector that is behind. */

import assert from 'node:assert/strict';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../helpers/deadline.js';
import { Program } from '../helpers/process.js';
import { lacks } from '../helpers/programs.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const lines = 5_000;

/** Waits for the file `go`, logs so many lines, and makes the file `on` in a later turn; ends when all is out. */
const script = `
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { streamLog } from ${JSON.stringify(new URL('../../src/observe/log.js', import.meta.url))};
const folder = process.argv[2];
const events = [];
const log = streamLog(process.stdout, {
  name: 'web.cf',
  pid: 47,
  place: 'standard output',
  colour: false,
  settings: () => ({ level: 'info', format: 'text' }),
  publish: (event) => events.push(event),
});
log.listener({ type: 'terminated', cause: 'ready' });
while (!existsSync(folder + '/go')) await sleep(5);
for (let n = 0; n < ${lines}; n += 1) log.listener({ type: 'orders-lost', reason: 'line ' + n + ' of ${'x'.repeat(50)}' });
await sleep(1);
writeFileSync(folder + '/on', '');
while (!existsSync(folder + '/end')) await sleep(5);
log.listener({ type: 'terminated', cause: events.length + ' events' });
await log.close();
`;

test('a terminal whose reader stops costs no time, and loses no line', { skip: lacks('script') }, async (t) => {
  const folder = await temporaryDirectory(t);
  const file = join(folder, 'program.mjs');
  await writeFile(file, script);
  const exists = (name: string): Promise<boolean> =>
    access(join(folder, name)).then(
      () => true,
      () => false,
    );
  const command = `${process.execPath} ${file} ${folder}`;
  const terminal = new Program(t, 'script', ['-qec', command, '/dev/null']);
  await terminal.line(/terminated on ready/);
  terminal.child.kill('SIGSTOP');
  await writeFile(join(folder, 'go'), '');
  await until('the process goes on', () => exists('on'));
  terminal.child.kill('SIGCONT');
  await terminal.line(new RegExp(`line ${lines - 1} `));
  await writeFile(join(folder, 'end'), '');
  await terminal.line(/terminated on \d+ events/);
  const numbers = terminal.lines.flatMap(({ text }) => /^\[.*\] .*: line (\d+) of x+\r?$/.exec(text)?.[1] ?? []);
  assert.deepEqual(
    numbers,
    Array.from({ length: lines }, (_, n) => String(n)),
  );
});
