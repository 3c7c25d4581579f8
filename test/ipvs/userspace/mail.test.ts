import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbox, newMail, Outbox } from '../../../src/ipvs/userspace/mail.js';
import { Epoll, edgeTriggered, readable } from '../../../src/system/epoll.js';
import { close } from '../../../src/system/libc.js';
import { newWaker } from '../../../src/system/libc-serving.js';

const size = { width: 2, room: 4 } as const;

function post() {
  const waker = newWaker();
  const mail = newMail(size);
  const [outbox, inbox] = [new Outbox(mail, size, waker), new Inbox(mail, size)];
  const received = () => {
    const found: number[] = [];
    for (let record = inbox.take(); record !== null; record = inbox.take()) found.push(record[0] ?? 0);
    return found;
  };
  const record = (number: number) => Int32Array.of(number, -number);
  return { waker, outbox, inbox, received, record };
}

test('records come in their order, round and round, and what there is no room for waits', (t) => {
  const { waker, outbox, received, record } = post();
  t.after(() => close(waker));
  let [sent, expected] = [0, 0];
  for (let round = 0; round < 20; round += 1) {
    for (let count = 0; count < 1 + (round % 9); count += 1) {
      outbox.send(record(sent));
      sent += 1;
    }
    const isBehind = outbox.flush() < Number.POSITIVE_INFINITY;
    assert.equal(isBehind, 1 + (round % 9) > size.room);
    // Nobody overtakes those who wait.
    if (isBehind) assert.equal(outbox.offer(record(-1)), false);
    const found: number[] = [];
    do {
      found.push(...received());
    } while (outbox.flush() < Number.POSITIVE_INFINITY);
    found.push(...received());
    for (const number of found) {
      assert.equal(number, expected);
      expected += 1;
    }
  }
  assert.equal(expected, sent);
});

test('who rests is woken, and who is busy is not', (t) => {
  const { waker, outbox, inbox, received, record } = post();
  const epoll = new Epoll(1);
  t.after(() => {
    epoll.close();
    close(waker);
  });
  epoll.add(waker, (readable | edgeTriggered) >>> 0, 0);
  const isWoken = () => epoll.wait(0) === 1;
  outbox.send(record(1));
  outbox.wake();
  assert.equal(isWoken(), false);
  assert.equal(inbox.rest(), false);
  assert.deepEqual(received(), [1]);
  assert.equal(inbox.rest(), true);
  outbox.send(record(2));
  assert.equal(isWoken(), false);
  outbox.send(record(3));
  outbox.wake();
  assert.equal(isWoken(), true);
  inbox.awake();
  outbox.send(record(4));
  outbox.wake();
  assert.equal(isWoken(), false);
  assert.equal(outbox.isRead, false);
  assert.deepEqual(received(), [2, 3, 4]);
  assert.equal(outbox.isRead, true);
});
