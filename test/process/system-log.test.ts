import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SystemLog } from '../../src/process/system-log.js';
import { until } from '../helpers/deadline.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { unixReceiver } from '../helpers/unix-receiver.js';

/** As syslog-ng's unix-stream() listens; paused it reads nothing. */
async function streamReceiver(t: TestContext, path: string, { paused = false } = {}) {
  let text = '';
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: paused }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
  });
  server.listen(path);
  await once(server, 'listening');
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  t.after(close);
  const records = (): string[] => text.split('\0').slice(0, -1);
  return { records, sockets, close };
}

async function systemLog(t: TestContext) {
  const path = join(await temporaryDirectory(t), 'log');
  const log = SystemLog.open(path);
  t.after(() => log.close());
  return { path, log };
}

test('lines are datagrams where those are taken', async (t) => {
  const { path, log } = await systemLog(t);
  assert.equal(log.send('too early'), 'ENOENT');
  const receiver = await unixReceiver(t, path);
  assert.equal(log.send('one'), null);
  await receiver.line(/^one$/);
});

test('lines are records of a stream where the system’s log listens for that', async (t) => {
  const { path, log } = await systemLog(t);
  const { records } = await streamReceiver(t, path);
  for (const line of ['one', 'two', 'drei: grün']) assert.equal(log.send(line), null);
  await until('all arrived', () => records().length === 3);
  assert.deepEqual(records(), ['one', 'two', 'drei: grün']);
});

test('a stream that is full costs no time, and no record comes in pieces', async (t) => {
  const { path, log } = await systemLog(t);
  const { records, sockets } = await streamReceiver(t, path, { paused: true });
  const lines = Array.from({ length: 1_000 }, (_, n) => `${n} ${'x'.repeat(1_000)}`);
  const waiting = [...lines];
  const sendAll = (): string | null => {
    for (let line = waiting[0]; line !== undefined; line = waiting[0]) {
      const trouble = log.send(line);
      if (trouble !== null) return trouble;
      waiting.shift();
    }
    return null;
  };
  assert.equal(sendAll(), 'EAGAIN');
  await until('the connection is there', () => sockets.length > 0);
  for (const socket of sockets) socket.resume();
  while (sendAll() !== null) await sleep(1);
  await until('all arrived', () => records().length === lines.length);
  assert.deepEqual(records(), lines);
});

test('the system’s log may go and come back as the other kind', async (t) => {
  const { path, log } = await systemLog(t);
  const first = await streamReceiver(t, path);
  assert.equal(log.send('one'), null);
  await until('it arrived', () => first.records().length === 1);
  first.close();
  await rm(path, { force: true });
  await until('the end is noticed', () => log.send('lost') !== null);
  const second = await unixReceiver(t, path);
  assert.equal(log.send('two'), null);
  await second.line(/^two$/);
  second.child.kill('SIGKILL');
  await second.exit;
  await rm(path);
  const third = await streamReceiver(t, path);
  assert.equal(log.send('three'), null);
  await until('it arrived', () => third.records().includes('three'));
});

test('nothing is left open', async () => {
  const before = (await readdir('/proc/self/fd')).length;
  for (let round = 0; round < 100; round += 1) {
    const log = SystemLog.open('/nowhere');
    log.send('lost');
    log.close();
    log.close();
  }
  assert.ok((await readdir('/proc/self/fd')).length <= before + 5);
});
