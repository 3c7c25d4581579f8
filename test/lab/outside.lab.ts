/** Mails, monitor file and fallback command of the reference and of ours, for one file and one failing server. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parsed } from '../helpers/mail-server.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { run } from './inside/command.js';
import { startOurs, stop } from './inside/controllers.js';
import { eventually } from './inside/eventually.js';

const sendmail = '/usr/sbin/sendmail';
const port = 8081;

/** Where what a controller tells outside is kept. */
interface Outside {
  readonly file: string;
  readonly read: (name: 'mails' | 'calls' | 'monitor') => Promise<string>;
}

async function outside(t: TestContext): Promise<Outside> {
  const folder = await temporaryDirectory(t);
  await chmod(folder, 0o755);
  const note = join(folder, 'note');
  await writeFile(note, `#!/bin/sh\necho "$@" >> ${folder}/calls\n`, { mode: 0o755 });
  // The guest's files are its own: nothing of this stays.
  await writeFile(sendmail, `#!/bin/sh\n{ cat; printf '\\0'; } >> ${folder}/mails\n`, { mode: 0o755 });
  const file = join(folder, 'web.cf');
  await writeFile(
    file,
    `checkinterval=1
checktimeout=2
emailalert="admin@example.com"
emailalertfrom="LD" <ld@example.com>
virtual=192.0.2.1:80
	real=127.0.0.1:${port} masq 2
	fallback=127.0.0.1:9 masq
	fallbackcommand="${note} 'with words'"
	service=http
	monitorfile="${folder}/monitor"
	servicename=My Web
	comment=Call Bob
`,
  );
  return { file, read: (name) => readFile(join(folder, name), 'utf8').catch(() => '') };
}

/** Subject, recipients and text of the last mail for each of these beginnings. */
async function mailsOf({ read }: Outside, beginnings: readonly string[]): Promise<unknown[]> {
  const mails = (await read('mails')).split('\0').slice(0, -1).map(parsed);
  return beginnings.map((beginning) => {
    const mail = mails.findLast(({ headers }) => headers.get('subject')?.startsWith(beginning));
    return mail && [mail.headers.get('subject'), mail.headers.get('to'), mail.body.trimEnd()];
  });
}

/** Without those for the states that the reference goes through at its start. */
async function lastCalls({ read }: Outside): Promise<string[]> {
  return (await read('calls')).trim().split('\n').slice(-2);
}

async function monitorLines({ read }: Outside): Promise<Set<string>> {
  const lines = (await read('monitor')).trim().split('\n');
  return new Set(lines.map((line) => line.replace(/^\[.*?\] \[\d+\] /, '').replace(/\] .*$/, ']')));
}

/** A web server is well, goes, and comes back, while the controller runs. */
async function live(t: TestContext, start: (file: string) => Promise<() => Promise<unknown>>): Promise<Outside> {
  const there = await outside(t);
  const told = async (words: string): Promise<number> =>
    (await there.read('mails')).split(`Log-Message: [My Web] ${words}`).length - 1;
  let end = await webServer();
  const stopController = await start(there.file);
  await eventually('the server is well', async () => /\[up\]/.test(await there.read('monitor')));
  await eventually('the server is in', async () => (await told('Added real')) > 0);
  const fallbacks = await told('Added fallback');
  await end();
  await eventually('the fallback is in', async () => (await told('Added fallback')) > fallbacks);
  await eventually('the command is told', async () => /start \S+ tcp\n$/.test(await there.read('calls')));
  const additions = await told('Added real');
  end = await webServer();
  await eventually('the server is back', async () => (await told('Added real')) > additions);
  await eventually('the command is told', async () => /stop \S+ tcp\n$/.test(await there.read('calls')));
  await stopController();
  await end();
  return there;
}

async function webServer(): Promise<() => Promise<void>> {
  const server = createServer((_, response) => void response.end('up')).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
}

test('mails, calls of the fallback command and monitor lines are the reference’s', async (t) => {
  const theirs = await live(t, async (file) => {
    await run('ldirectord', file, 'start');
    return () => run('ldirectord', file, 'stop');
  });
  const ours = await live(t, async (file) => {
    const program = await startOurs(t, file);
    return () => stop(program);
  });
  const beginnings = ['Added real', 'Deleted real', 'Added fallback', 'Deleted fallback'].map((of) => `[My Web] ${of}`);
  assert.deepEqual(await mailsOf(ours, beginnings), await mailsOf(theirs, beginnings));
  assert.deepEqual(await lastCalls(ours), await lastCalls(theirs));
  assert.deepEqual(await monitorLines(ours), await monitorLines(theirs));
});
