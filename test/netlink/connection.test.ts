import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NetlinkConnection } from '../../src/netlink/connection.js';
import type { Message } from '../../src/netlink/messages.js';
import { ack, done, generic, hex, message } from './bytes.js';
import { FakeKernel, type Kernel, sequenceOf } from './fake-socket.js';

/** More than any of these exchanges takes, where it does not end by it. */
const patience = 10_000;

function connected(kernel: Kernel, timeout = patience): { connection: NetlinkConnection; fake: FakeKernel } {
  const fake = new FakeKernel(kernel);
  return { connection: new NetlinkConnection({ open: fake.open, largestDatagram: 1024, timeout }), fake };
}

/** An exchange of so many messages, with what came before their answers. */
async function exchange(connection: NetlinkConnection, count: number) {
  const first = connection.reserve(count);
  const requests = Array.from({ length: count }, (_, index) => generic({ type: 0x25, sequence: first + index }, 1));
  const received: Message[] = [];
  const outcome = await connection.exchange({
    ...{ bytes: Buffer.concat(requests), first, count },
    receive: (each) => received.push(each),
  });
  return { ...outcome, errnos: outcome.answers.map((answer) => answer?.errno), received };
}

const agree: Kernel = (messages, socket) => {
  for (const each of messages) socket.deliver(ack(each));
};

test('gives every message its answer, whatever the order and the datagrams that they come in', async () => {
  const { connection } = connected((messages, socket) => {
    const [one, two, three] = messages;
    if (!one || !two || !three) return;
    socket.deliver(Buffer.concat([ack(three, 17), ack(one)]));
    socket.deliver(ack(two, 3, 'none such'));
  });
  const { answers, failure } = await exchange(connection, 3);
  assert.deepEqual(answers, [
    { errno: 0, text: null },
    { errno: 3, text: 'none such' },
    { errno: 17, text: null },
  ]);
  assert.equal(failure, null);
});

test('hands on what comes before the end of a dump, and says when the table changed meanwhile', async () => {
  const { connection } = connected(([request], socket) => {
    const sequence = sequenceOf(request ?? assert.fail());
    const row = (flags: number) => generic({ type: 0x25, flags, sequence }, 1);
    socket.deliver(Buffer.concat([row(2), row(2)]));
    socket.deliver(Buffer.concat([row(sequence === 1 ? 2 : 0x12), done(sequence)]));
  });
  const [quiet, changed] = [await exchange(connection, 1), await exchange(connection, 1)];
  assert.deepEqual([quiet.received.length, quiet.interrupted, quiet.errnos], [3, false, [0]]);
  assert.deepEqual([changed.received.length, changed.interrupted, changed.errnos], [3, true, [0]]);
});

test('an exchange may take as long as it takes while answers come', async () => {
  const timeout = 1_000;
  const rows = 7;
  const { connection } = connected(([request], socket) => {
    const sequence = sequenceOf(request ?? assert.fail());
    let left = rows;
    const step = (): void => {
      left -= 1;
      socket.deliver(left === 0 ? done(sequence) : generic({ type: 0x25, flags: 2, sequence }, 1));
      if (left > 0) setTimeout(step, timeout / 5);
    };
    step();
  }, timeout);
  const { failure, received } = await exchange(connection, 1);
  assert.equal(failure, null);
  assert.equal(received.length, rows - 1);
});

test('ignores other senders, other sequence numbers, repeated answers and what means nothing', async () => {
  const { connection, fake } = connected(([request], socket) => {
    if (!request) return;
    const sequence = sequenceOf(request);
    socket.deliver(ack(request, 1), 4711);
    socket.deliver(ack(generic({ type: 0x25, sequence: sequence + 1 }, 1), 1));
    socket.deliver(ack(generic({ type: 0x25, sequence: 0 }, 1), 1));
    socket.deliver(message({ type: 1, sequence }));
    socket.deliver(Buffer.concat([ack(request), ack(request, 1)]));
  });
  for (const _ of [1, 2]) assert.deepEqual((await exchange(connection, 1)).errnos, [0]);
  assert.equal(fake.sockets.length, 1);
});

test('answers that were lost leave theirs unknown, and the next exchange has a new socket', async () => {
  for (const lose of [
    (socket: { fail(code: string): void }) => socket.fail('ENOBUFS'),
    (socket: { deliver(bytes: Buffer): void }) => socket.deliver(message({ type: 4, sequence: 1 }, hex('00 00 00 00'))),
  ]) {
    const { connection, fake } = connected(([one], socket) => {
      if (one) socket.deliver(ack(one, 17));
      lose(socket);
    });
    const { errnos, failure } = await exchange(connection, 3);
    assert.deepEqual(errnos, [17, undefined, undefined]);
    assert.equal(failure?.code, 'ENOBUFS');
    fake.behave(agree);
    assert.deepEqual((await exchange(connection, 2)).errnos, [0, 0]);
    assert.deepEqual(
      fake.sockets.map(({ closed }) => closed),
      [true, false],
    );
  }
});

test('a socket that fails, or that cannot send, is replaced by the next exchange', async () => {
  const { connection, fake } = connected((_, socket) => socket.fail('EBADF'));
  assert.equal((await exchange(connection, 1)).failure?.code, 'EBADF');
  fake.behave(() => {
    throw new Error('Netlink socket is closed');
  });
  assert.equal((await exchange(connection, 1)).failure?.code, 'EIO');
  fake.behave(agree);
  assert.deepEqual((await exchange(connection, 1)).errnos, [0]);
  assert.equal(fake.sockets.length, 3);
});

test('a socket that fails between two exchanges is replaced as well', async () => {
  const { connection, fake } = connected(agree);
  await exchange(connection, 1);
  fake.sockets[0]?.fail('ENOBUFS');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual((await exchange(connection, 1)).errnos, [0]);
  assert.equal(fake.sockets.length, 2);
});

test('silence ends at the deadline, and an answer that comes later finds nobody', async () => {
  const late: (() => void)[] = [];
  const { connection, fake } = connected((messages, socket) => {
    late.push(() => agree(messages, socket));
  }, 20);
  assert.equal((await exchange(connection, 1)).failure?.code, 'ETIMEDOUT');
  for (const deliver of late) deliver();
  fake.behave((messages, socket) => {
    for (const each of messages) socket.deliver(ack(each, 17));
  });
  assert.deepEqual((await exchange(connection, 1)).errnos, [17]);
});

test('a datagram that cannot be read ends the exchange', async () => {
  const { connection } = connected((_, socket) => socket.deliver(hex('ff ff ff ff 02 00')));
  const { failure } = await exchange(connection, 2);
  assert.equal(failure?.code, 'EBADMSG');
  assert.match(failure?.message ?? '', /malformed/);
});

test('where no socket can be had, nothing was sent', async () => {
  const { connection, fake } = connected(agree);
  fake.refusal = Object.assign(new Error('not supported'), { code: 'EPROTONOSUPPORT' });
  await assert.rejects(exchange(connection, 1), { code: 'EPROTONOSUPPORT', message: /no socket: not supported/ });
  fake.refusal = null;
  assert.deepEqual((await exchange(connection, 1)).errnos, [0]);
});

test('closing ends the exchange under way', async () => {
  const { connection, fake } = connected(() => {});
  const pending = exchange(connection, 1);
  await new Promise((resolve) => setImmediate(resolve));
  connection.close();
  connection.close();
  assert.equal((await pending).failure?.code, 'ECANCELED');
  assert.equal(fake.sockets[0]?.closed, true);
});

test('sequence numbers begin again before they leave their 32 bits', () => {
  const { connection } = connected(agree);
  const first = connection.reserve(0xfffffff0);
  assert.equal(first, 1);
  assert.equal(connection.reserve(100), 1);
  assert.equal(connection.reserve(1), 101);
});
