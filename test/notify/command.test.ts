import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Event } from '../../src/events.js';
import { runCommand } from '../../src/notify/command.js';
import { CommandQueue } from '../../src/notify/command-queue.js';
import { until, within } from '../helpers/deadline.js';
import { alive, withoutLeaks } from '../helpers/leaks.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const never = new AbortController().signal;
const timeout = 10_000;

test('a command keeps its own arguments, and gets those added as they are', async () => {
  const args = ['start', '192.0.2.1:80', '$(id); "x" *'];
  const { ok, how, output } = await runCommand({ command: `printf '<%s>\\n' one 'two three'`, args, timeout }, never);
  assert.deepEqual([ok, how], [true, 'exit status 0']);
  assert.deepEqual(output, ['<one>', '<two three>', '<start>', '<192.0.2.1:80>', '<$(id); "x" *>']);
});

test('a command does not see what a service manager says to the daemon', async (t) => {
  process.env['NOTIFY_SOCKET'] = '/run/notify';
  t.after(() => delete process.env['NOTIFY_SOCKET']);
  const { output } = await runCommand({ command: 'echo "<$NOTIFY_SOCKET>$PATH";', args: [], timeout }, never);
  assert.equal(output[0], `<>${process.env['PATH']}`);
});

test('status, signal and a missing program are told', async () => {
  const how = async (command: string) => (await runCommand({ command, args: [], timeout }, never)).how;
  assert.equal(await how('exit 3;'), 'exit status 3');
  assert.equal(await how('kill -9 $$;'), 'killed by SIGKILL');
  assert.equal(await how('/nowhere/command'), 'exit status 127');
});

test('a program that the system does not start ends nothing but itself', async (t) => {
  // Too long for execve(2), which child_process throws and does not emit, as it does where memory is short.
  const command = `: ${'x'.repeat(200_000)}`;
  const { ok, how, output } = await withoutLeaks(() => runCommand({ command, args: [], timeout }, never));
  assert.deepEqual([ok, output], [false, []]);
  assert.match(how, /^cannot begin: .*E2BIG/);
  const events: Event[] = [];
  const queue = new CommandQueue({ publish: (event) => events.push(event) });
  t.after(() => queue.close(0));
  for (const words of [command, 'true']) queue.run({ subject: 'web', command: words, args: [], timeout });
  await until('the next one has its turn', () => events.length === 2);
  assert.deepEqual(
    events.map((event) => event.type === 'command-ended' && event.ok),
    [false, true],
  );
});

test('output is bounded, and a command that floods is never held up', async () => {
  const { ok, output } = await runCommand({ command: 'yes | head -c 5000000;', args: [], timeout }, never);
  assert.ok(ok);
  assert.ok(output.length <= 21 && output.at(-1) === '…');
});

test('a command that hangs is killed with what it started', async (t) => {
  const file = join(await temporaryDirectory(t), 'pid');
  const command = `sleep 60 & echo $! > ${file}; wait;`;
  const { ok, how } = await withoutLeaks(() => runCommand({ command, args: [], timeout: 300 }, never));
  assert.deepEqual([ok, how], [false, 'killed after 0.3 s']);
  const pid = Number(await readFile(file, 'utf8'));
  await until('its child is gone', () => !alive(pid));
});

test('what a command leaves running in the background lives on, and nobody waits for it', async (t) => {
  const file = join(await temporaryDirectory(t), 'pid');
  const command = `sleep 60 & echo $! > ${file};`;
  const { ok } = await within('the command', runCommand({ command, args: [], timeout: 5_000 }, never), 4_000);
  const pid = Number(await readFile(file, 'utf8'));
  assert.ok(ok && alive(pid));
  process.kill(pid, 'SIGKILL');
});

test('commands of one subject run in order, those of others beside them, and the queue is bounded', async (t) => {
  const folder = await temporaryDirectory(t);
  const script = join(folder, 'note');
  await writeFile(script, `#!/bin/sh\nsleep 0.1\necho "$1" >> ${folder}/"$2"\n`);
  await chmod(script, 0o755);
  const events: Extract<Event, { type: 'command-ended' }>[] = [];
  const publish = (event: Event): void => {
    if (event.type === 'command-ended') events.push(event);
  };
  const queue = new CommandQueue({ publish, bound: 8 });
  for (const word of ['start', 'stop', 'start']) {
    for (const subject of ['a', 'b', 'c']) queue.run({ subject, command: script, args: [word, subject], timeout });
  }
  for (let n = 0; n < 3; n += 1) queue.run({ subject: 'a', command: script, args: ['more', 'a'], timeout });
  await queue.close(timeout);
  for (const subject of ['b', 'c']) {
    assert.equal(await readFile(join(folder, subject), 'utf8'), 'start\nstop\nstart\n');
  }
  assert.match(await readFile(join(folder, 'a'), 'utf8'), /^start\nstop\nstart\n/);
  assert.equal(events.length, 12);
  assert.equal(events.filter(({ outcome }) => outcome === 'not begun: 8 commands are waiting').length, 1);
});

test('closing kills what does not end', async () => {
  const events: Event[] = [];
  const queue = new CommandQueue({ publish: (event) => events.push(event), limit: 1 });
  queue.run({ subject: 'a', command: 'sleep', args: ['60'], timeout });
  queue.run({ subject: 'b', command: 'sleep', args: ['60'], timeout });
  await within(
    'closing',
    withoutLeaks(() => queue.close(50)),
  );
  assert.equal(events.length, 2);
});
