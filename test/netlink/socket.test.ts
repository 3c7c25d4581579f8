import assert from 'node:assert/strict';
import { readdir, readlink } from 'node:fs/promises';
import { test } from 'node:test';
import type { Attributes } from '../../src/netlink/attributes.js';
import { NetlinkConnection } from '../../src/netlink/connection.js';
import { netlinkGeneric } from '../../src/netlink/constants.js';
import { MessageWriter } from '../../src/netlink/message-writer.js';
import { attributesOf } from '../../src/netlink/messages.js';
import { socketsOf } from '../../src/netlink/socket.js';
import { until } from '../helpers/deadline.js';

/** Every Linux has generic netlink, whose own family is called nlctrl and has number 16. */
const skip = process.platform === 'linux' ? false : 'netlink is a thing of Linux';

async function lookUp(connection: NetlinkConnection, name: string) {
  const writer = new MessageWriter(256);
  const first = connection.reserve(1);
  writer.begin({ type: 16, flags: 0x05, sequence: first }, [3, 1, 0, 0]);
  writer.string(2, name);
  writer.end();
  let found: Attributes | null = null;
  const { answers, failure } = await connection.exchange({
    ...{ bytes: writer.written, first, count: 1 },
    receive: (message) => {
      found = attributesOf(message);
    },
  });
  return { id: (found as Attributes | null)?.u16(1), answer: answers[0], failure };
}

async function sockets(): Promise<number> {
  const names = await readdir('/proc/self/fd');
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
  return targets.filter((target) => target.startsWith('socket:')).length;
}

test('asks the real kernel, which says more than a number, and leaves nothing open', { skip }, async () => {
  const before = await sockets();
  const connection = new NetlinkConnection({ open: socketsOf(netlinkGeneric), largestDatagram: 8192, timeout: 10_000 });
  const { receiveBuffer, largestSend } = await connection.limits();
  assert.ok(receiveBuffer > 1024 && largestSend > 1024);
  const found = await lookUp(connection, 'nlctrl');
  assert.deepEqual([found.id, found.answer?.errno], [16, 0]);
  assert.equal((await lookUp(connection, 'none-such')).answer?.errno, 2);
  const refused = await lookUp(connection, 'longer than the name of any family');
  assert.ok(refused.answer?.errno);
  assert.match(refused.answer?.text ?? '', /policy/);
  assert.equal(await sockets(), before + 1);
  connection.close();
  await until('the socket is closed', async () => (await sockets()) === before);
});

test('an answer larger than its buffer ends the exchange, and the next goes on', { skip }, async (t) => {
  const connection = new NetlinkConnection({ open: socketsOf(netlinkGeneric), largestDatagram: 32, timeout: 10_000 });
  t.after(() => connection.close());
  for (const _ of [1, 2]) {
    const { answer, failure } = await lookUp(connection, 'nlctrl');
    assert.deepEqual([answer, failure?.code], [undefined, 'EBADMSG']);
  }
});

test('a message that is too large for the kernel ends the exchange', { skip }, async (t) => {
  const connection = new NetlinkConnection({ open: socketsOf(netlinkGeneric), largestDatagram: 1024, timeout: 10_000 });
  t.after(() => connection.close());
  const { largestSend } = await connection.limits();
  const { failure } = await connection.exchange({ bytes: Buffer.alloc(largestSend + 1), first: 1, count: 1 });
  assert.equal(failure?.code, 'EMSGSIZE');
});
