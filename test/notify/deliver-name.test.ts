import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliver } from '../../src/notify/deliver.js';
import { startMailServer } from '../helpers/mail-server.js';
import { ownHostName, setHostName } from '../helpers/own-host-name.js';

const skip = ownHostName();

for (const [host, hello] of [
  ['lb.example.com', 'lb.example.com'],
  ['vm', '[127.0.0.1]'],
  ['lb_1', '[127.0.0.1]'],
  ['lb_1.example.com', '[127.0.0.1]'],
] as const) {
  test(`from ${host} a mail server is greeted as ${hello}`, { skip }, async (t) => {
    setHostName(host);
    const server = await startMailServer(t);
    const mail = { smtp: '127.0.0.1', from: 'ld@example.com', to: ['a@example.com'], subject: 'hi', text: 'hi\n' };
    const settings = { smtpPort: server.port, sendmail: '/usr/sbin/sendmail', timeout: 20_000 };
    assert.deepEqual(await deliver(mail, settings, new AbortController().signal), []);
    assert.equal(server.mails[0]?.hello, hello);
  });
}
