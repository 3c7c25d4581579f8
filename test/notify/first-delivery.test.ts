/** The first mail of a process: the library that sends it is still to be loaded, and what happens meanwhile is heard. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Behaviour, listen } from '../helpers/listener.js';
import { Program } from '../helpers/process.js';

const script = `
const { deliver } = await import(${JSON.stringify(new URL('../../src/notify/deliver.js', import.meta.url))});
const stop = new AbortController();
process.stdin.once('data', () => stop.abort());
const mail = { smtp: '127.0.0.1', from: null, to: ['a@example.com'], subject: 's', text: 't' };
const settings = { smtpPort: Number(process.argv[1]), sendmail: '/nowhere', timeout: 600_000 };
await deliver(mail, settings, stop.signal).then(
  () => console.log('delivered'),
  ({ name, message, permanent }) => console.log(permanent ? 'refused:' : 'not delivered:', message),
);
process.exit();
`;

/** Gives the mail to a server that behaves so, and says what came of it; the process must not end by itself. */
async function assertFails(t: TestContext, what: RegExp, behave: (stop: () => void) => Behaviour): Promise<void> {
  const server = await listen(behave(() => program.send('stop')));
  t.after(() => server.close());
  const args = ['--input-type=module', '--eval', script, String(server.port)];
  const program: Program = new Program(t, process.execPath, args);
  const { text } = await program.line(/^(?:delivered|refused|not delivered)/);
  assert.match(text, what);
}

for (const delay of [0, 1, 5, 20]) {
  test(`a mail server that accepts and resets after ${delay} ms is a failure and no more`, async (t) => {
    await assertFails(t, /^not delivered: smtp 127\.0\.0\.1:\d+: .*ECONNRESET/, () => (socket) => {
      setTimeout(() => socket.resetAndDestroy(), delay);
    });
  });
}

test('a mail server that closes at once is not waited for', async (t) => {
  await assertFails(t, /^not delivered: smtp 127\.0\.0\.1:\d+: /, () => (socket) => void socket.destroy());
});

test('the stop of the daemon ends a delivery whose connection has just been accepted', async (t) => {
  await assertFails(t, /^not delivered: smtp 127\.0\.0\.1:\d+: the daemon stops$/, (stop) => stop);
});
