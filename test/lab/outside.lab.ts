/** Mails, monitor file and fallback command of the reference and of ours, for one file and one failing server; the mails go through Postfix. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { postfixMissing } from '../helpers/servers/postfix.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { Reference, startOurs, stop } from './inside/controllers.js';
import { eventually } from './inside/eventually.js';
import { type MailHost, startMailHost } from './inside/mail-host.js';

const port = 8081;
/** Names of the services. */
const services = ['My Web', 'By SMTP'];

/** Where what a controller tells outside is kept. */
interface Outside {
  readonly file: string;
  /** Who gets the mails. */
  readonly recipient: string;
  readonly host: MailHost;
  readonly read: (name: 'calls' | 'monitor') => Promise<string>;
}

/** Two services with one server: the mails of the first go through sendmail, those of the second by SMTP. */
async function outside(t: TestContext, host: MailHost): Promise<Outside> {
  const folder = await temporaryDirectory(t);
  await chmod(folder, 0o755);
  const note = join(folder, 'note');
  await writeFile(note, `#!/bin/sh\necho "$@" >> ${folder}/calls\n`, { mode: 0o755 });
  const recipient = `${basename(folder).toLowerCase()}@example.com`;
  const file = join(folder, 'web.cf');
  await writeFile(
    file,
    `checkinterval=1
checktimeout=2
emailalert="${recipient}"
emailalertfrom="LD" <ld@example.com>
virtual=192.0.2.1:80
	real=127.0.0.1:${port} masq 2
	fallback=127.0.0.1:9 masq
	fallbackcommand="${note} 'with words'"
	service=http
	monitorfile="${folder}/monitor"
	servicename=My Web
	comment=Call Bob
virtual=192.0.2.2:80
	real=127.0.0.1:${port} masq 2
	fallback=127.0.0.1:9 masq
	service=http
	smtp=${host.address}
	servicename=By SMTP
`,
  );
  return { file, recipient, host, read: (name) => readFile(join(folder, name), 'utf8').catch(() => '') };
}

/** Subject and text of the last mail for each of these beginnings. */
async function mailsOf({ host, recipient }: Outside, beginnings: readonly string[]): Promise<unknown[]> {
  const mails = await host.mailsTo(recipient);
  return beginnings.map((beginning) => {
    const mail = mails.findLast(({ headers }) => headers.get('subject')?.startsWith(beginning));
    assert.ok(mail, beginning);
    assert.equal(mail.headers.get('to'), recipient);
    return [mail.headers.get('subject'), mail.body.trimEnd()];
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

/** Whether each service was told each of these, by a daemon in this state. */
async function told({ host, recipient }: Outside, status: RegExp, words: readonly string[]): Promise<boolean> {
  const mails = (await host.mailsTo(recipient)).filter(({ body }) => status.test(body));
  const logged = services.flatMap((service) => words.map((word) => `Log-Message: [${service}] ${word}`));
  return logged.every((line) => mails.some(({ body }) => body.includes(line)));
}

/**
 * A web server is well, goes, and comes back, while the controller runs.
 * Mails of both changes of a state are waited for: those of the next one could become one mail with what still waits.
 */
async function live(there: Outside, start: (file: string) => Promise<() => Promise<unknown>>): Promise<void> {
  const running = /^Daemon-Status: running$/m;
  let end = await webServer();
  const stopController = await start(there.file);
  await eventually('the server is well', async () => /\[up\]/.test(await there.read('monitor')));
  await eventually('the server is in', () => told(there, /^/, ['Added real']));
  await end();
  await eventually('the fallback is in', () => told(there, running, ['Added fallback', 'Deleted real']));
  await eventually('the command is told', async () => /start \S+ tcp\n$/.test(await there.read('calls')));
  end = await webServer();
  await eventually('the server is back', () => told(there, running, ['Added real', 'Deleted fallback']));
  await eventually('the command is told', async () => /stop \S+ tcp\n$/.test(await there.read('calls')));
  await stopController();
  await end();
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

test('mails, calls of the fallback command and monitor lines are the reference’s', {
  skip: postfixMissing,
}, async (t) => {
  const host = await startMailHost(t);
  const theirs = await outside(t, host);
  await live(theirs, async (file) => {
    const reference = await Reference.start(t, null, file);
    // Its own `stop` does not wait for it, and a file of the same name cannot be started before it is gone.
    return () => reference.stop();
  });
  const ours = await outside(t, host);
  await live(ours, async (file) => {
    const program = await startOurs(t, file);
    return () => stop(program);
  });
  const changes = ['Added real', 'Deleted real', 'Added fallback', 'Deleted fallback'];
  const beginnings = services.flatMap((service) => changes.map((change) => `[${service}] ${change}`));
  assert.deepEqual(await mailsOf(ours, beginnings), await mailsOf(theirs, beginnings));
  assert.deepEqual(await lastCalls(ours), await lastCalls(theirs));
  assert.deepEqual(await monitorLines(ours), await monitorLines(theirs));
});
