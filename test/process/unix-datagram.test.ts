import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { UnixDatagramSocket } from '../../src/process/unix-datagram.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { unixReceiver } from '../helpers/unix-receiver.js';

for (const kind of ['file', 'abstract'] as const) {
  test(`datagrams arrive whole and in order: ${kind}`, async (t) => {
    const path = kind === 'file' ? join(await temporaryDirectory(t), 'socket') : `@ldirectord-test-${process.pid}`;
    const receiver = await unixReceiver(t, path);
    const sender = UnixDatagramSocket.open(path);
    t.after(() => sender.close());
    assert.equal(sender.send('READY=1\nSTATUS=grün'), null);
    assert.equal(sender.send(Buffer.from('second')), null);
    await receiver.line(/^READY=1\\nSTATUS=grün$/);
    await receiver.line(/^second$/);
  });
}

test('nobody there, and somebody there later', async (t) => {
  const path = join(await temporaryDirectory(t), 'socket');
  const sender = UnixDatagramSocket.open(path);
  t.after(() => sender.close());
  assert.equal(sender.send('lost'), 'ENOENT');
  const first = await unixReceiver(t, path);
  assert.equal(sender.send('one'), null);
  await first.line(/^one$/);
  first.child.kill('SIGKILL');
  await first.exit;
  assert.equal(sender.send('lost'), 'ECONNREFUSED');
  await rm(path);
  const second = await unixReceiver(t, path);
  assert.equal(sender.send('two'), null);
  await second.line(/^two$/);
});

test('a receiver that does not read costs datagrams, never time', async (t) => {
  const path = join(await temporaryDirectory(t), 'socket');
  const receiver = await unixReceiver(t, path);
  receiver.child.kill('SIGSTOP');
  const sender = UnixDatagramSocket.open(path);
  t.after(() => sender.close());
  const outcomes = Array.from({ length: 10_000 }, () => sender.send('x'.repeat(1_000)));
  assert.equal(outcomes[0], null);
  assert.equal(outcomes.at(-1), 'EAGAIN');
  receiver.child.kill('SIGCONT');
  await receiver.count(1, /^x+$/);
});

test('what is too long is refused by name', async (t) => {
  const path = join(await temporaryDirectory(t), 'socket');
  await unixReceiver(t, path);
  const sender = UnixDatagramSocket.open(path);
  assert.equal(sender.send(Buffer.alloc(1 << 24)), 'EMSGSIZE');
  sender.close();
  sender.close();
  assert.equal(sender.send('late'), 'EBADF');
  assert.throws(() => UnixDatagramSocket.open(`/${'x'.repeat(107)}`), /at most 107 bytes/);
});

test('opening and closing leaves no descriptor', async () => {
  const before = (await readdir('/proc/self/fd')).length;
  for (let round = 0; round < 1_000; round += 1) UnixDatagramSocket.open('/nowhere').close();
  assert.ok((await readdir('/proc/self/fd')).length <= before + 5);
});
