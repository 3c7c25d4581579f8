import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type DeliveryError, deliver } from '../../src/notify/deliver.js';
import { compose, type Mail } from '../../src/notify/mail.js';
import { testCertificate } from '../helpers/certificate.js';
import { within } from '../helpers/deadline.js';
import { withoutLeaks } from '../helpers/leaks.js';
import { closedPort, drip, listen } from '../helpers/listener.js';
import { parsed, startMailServer } from '../helpers/mail-server.js';
import { lacks } from '../helpers/programs.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const alert = { text: 'Deleted real server: 10.0.0.1:80 (192.0.2.1:80)', status: 'running' } as const;
const about = { servicename: 'My Web', comment: 'Call Bob' };

function mailOf(smtp: string | null, from: string | null = '"LD" <ld@example.com>'): Mail {
  return {
    smtp,
    from,
    to: ['a@example.com', 'b@example.com'],
    ...compose('change', [{ ...alert, ...about }], 0, 'lab'),
  };
}

const never = new AbortController().signal;
const settings = { smtpPort: 25, sendmail: '/usr/sbin/sendmail', timeout: 5_000 };

/** As the reference sends it. */
const body = `ldirectord host: lab
Log-Message: [My Web] Deleted real server: 10.0.0.1:80 (192.0.2.1:80)
Daemon-Status: running

Service name: My Web
Comment: Call Bob
`;

test('who has a name in the file is called by it as well, below the words of the log', () => {
  const inFile = { server: 'web1:80', virtual: 'shop.example.com:80' };
  const { subject, text } = compose('change', [{ ...alert, ...about, inFile }], 0, 'lab');
  assert.equal(subject, `[My Web] ${alert.text}`);
  assert.equal(text, body.replace('Comment:', 'Server name: web1:80\nVirtual name: shop.example.com:80\nComment:'));
});

async function program(t: TestContext, script: string): Promise<{ path: string; folder: string }> {
  const folder = await temporaryDirectory(t);
  const path = join(folder, 'send mail');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return { path, folder };
}

test('a mail server gets subject, body, sender and recipients as the reference words them', async (t) => {
  const server = await startMailServer(t);
  await deliver(mailOf('127.0.0.1'), { ...settings, smtpPort: server.port }, never);
  const [mail] = server.mails;
  assert.equal(mail?.headers.get('subject'), '[My Web] Deleted real server: 10.0.0.1:80 (192.0.2.1:80)');
  assert.equal(mail.headers.get('from'), 'LD <ld@example.com>');
  assert.equal(mail.headers.get('to'), 'a@example.com, b@example.com');
  assert.equal(mail.body.trimEnd(), body.trimEnd());
  assert.deepEqual(mail.to, ['a@example.com', 'b@example.com']);
  assert.equal(mail.from, 'ld@example.com');
});

test('without emailalertfrom the sender is the user on this machine', async (t) => {
  const server = await startMailServer(t);
  await deliver(mailOf('127.0.0.1', null), { ...settings, smtpPort: server.port }, never);
  const own = `${userInfo().username}@${hostname()}`;
  assert.deepEqual([server.mails[0]?.from, server.mails[0]?.headers.get('from')], [own, own]);
});

test('TLS is used where the mail server offers it, whatever its certificate', {
  skip: lacks('openssl'),
}, async (t) => {
  const server = await startMailServer(t, testCertificate());
  await deliver(mailOf('127.0.0.1'), { ...settings, smtpPort: server.port }, never);
  assert.equal(server.mails[0]?.encrypted, true);
});

test('the local sendmail gets the same on its standard input', async (t) => {
  const { path, folder } = await program(t, `echo "$@" > "\${0%/*}/args"; cat > "\${0%/*}/mail"`);
  await deliver(mailOf(null, null), { ...settings, sendmail: path }, never);
  assert.equal(await readFile(join(folder, 'args'), 'utf8'), '-i -t\n');
  const { headers, body: received } = parsed(await readFile(join(folder, 'mail'), 'utf8'));
  assert.equal(headers.get('subject'), '[My Web] Deleted real server: 10.0.0.1:80 (192.0.2.1:80)');
  assert.equal(headers.get('from'), `${userInfo().username}@${hostname()}`);
  assert.equal(received.trimEnd(), body.trimEnd());
  await deliver(mailOf(null), { ...settings, sendmail: path }, never);
  assert.equal(await readFile(join(folder, 'args'), 'utf8'), '-i -t -f ld@example.com\n');
});

async function failure(mail: Mail, changed: Partial<typeof settings>): Promise<DeliveryError> {
  return within(
    'the failure',
    withoutLeaks(() =>
      deliver(mail, { ...settings, ...changed }, never).then(
        () => assert.fail('it was delivered'),
        (error: DeliveryError) => error,
      ),
    ),
  );
}

test('a mail server that is not there, says nothing or goes on for ever costs its timeout and no more', async (t) => {
  const refused = await failure(mailOf('127.0.0.1'), { smtpPort: await closedPort() });
  assert.match(refused.message, /smtp 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  assert.equal(refused.permanent, false);
  const silent = await listen(() => {});
  const endless = await listen((socket) => drip(socket, 5, () => socket.write('220-wait\r\n')));
  t.after(() => Promise.all([silent.close(), endless.close()]));
  for (const { port } of [silent, endless]) {
    const { message } = await failure(mailOf('127.0.0.1'), { smtpPort: port, timeout: 200 });
    assert.match(message, /no answer within 0\.2 s/);
  }
});

test('a refusal for good is told from one for now', async (t) => {
  const server = await startMailServer(t);
  server.refuseWith(451);
  assert.equal((await failure(mailOf('127.0.0.1'), { smtpPort: server.port })).permanent, false);
  server.refuseWith(550);
  assert.equal((await failure(mailOf('127.0.0.1'), { smtpPort: server.port })).permanent, true);
});

test('recipients that are refused are told from those who got the mail, those for now from those for good', async (t) => {
  const server = await startMailServer(t);
  server.refuseRecipient('b@example.com', 450);
  server.refuseRecipient('c@example.com', 550);
  const to = ['a', 'b', 'c'].map((name) => `${name}@example.com`);
  const refusals = await deliver({ ...mailOf('127.0.0.1'), to }, { ...settings, smtpPort: server.port }, never);
  assert.deepEqual(server.mails[0]?.to, ['a@example.com']);
  assert.deepEqual(
    refusals.map(({ recipients, permanent }) => [recipients, permanent]),
    [
      [['b@example.com'], false],
      [['c@example.com'], true],
    ],
  );
  assert.match(refusals[0]?.reason ?? '', /^smtp 127\.0\.0\.1:\d+: refused for b@example\.com: 450 /);
  server.refuseRecipient('a@example.com', 451);
  const all = await deliver({ ...mailOf('127.0.0.1'), to }, { ...settings, smtpPort: server.port }, never);
  assert.deepEqual(
    all.map(({ recipients, permanent }) => [recipients, permanent]),
    [
      [['a@example.com', 'b@example.com'], false],
      [['c@example.com'], true],
    ],
  );
});

const notRoot = process.geteuid?.() === 0 ? false : 'needs root';

test('a user without a name sends mails all the same', { skip: notRoot }, async (t) => {
  const server = await startMailServer(t);
  const { path, folder } = await program(t, `cat > "\${0%/*}/mail"`);
  await chmod(folder, 0o777);
  // What is loaded later may not be this user's to read.
  await deliver(mailOf('127.0.0.1'), { ...settings, smtpPort: server.port }, never);
  process.seteuid?.(54_321);
  try {
    assert.throws(() => userInfo());
    await deliver(mailOf('127.0.0.1', null), { ...settings, smtpPort: server.port }, never);
    await deliver(mailOf(null, null), { ...settings, sendmail: path }, never);
  } finally {
    process.seteuid?.(0);
  }
  assert.equal(server.mails[1]?.from, `ldirectord@${hostname()}`);
  assert.match(await readFile(join(folder, 'mail'), 'utf8'), new RegExp(`^From: ldirectord@${hostname()}$`, 'm'));
});

test('a sendmail that fails, hangs or is missing is told with what it said', async (t) => {
  const { path } = await program(t, 'echo queue is full >&2; exit 75');
  assert.match((await failure(mailOf(null), { sendmail: path })).message, /exit status 75: queue is full/);
  const slow = await program(t, 'sleep 60');
  assert.match((await failure(mailOf(null), { sendmail: slow.path, timeout: 200 })).message, /killed after 0\.2 s/);
  assert.match((await failure(mailOf(null), { sendmail: '/nowhere/sendmail' })).message, /exit status 127/);
});

test('several alerts are listed in one mail', () => {
  const { subject, text } = compose(
    'change',
    [
      { ...alert, ...about },
      { ...alert, servicename: null, comment: null },
    ],
    3,
    'lab',
  );
  assert.equal(subject, '5 changes: [My Web] Deleted real server: 10.0.0.1:80 (192.0.2.1:80) and 4 more');
  assert.equal(text.match(/^Log-Message: /gm)?.length, 2);
  assert.match(text, /\nand 3 more\n$/);
});
