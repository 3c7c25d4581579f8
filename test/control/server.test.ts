import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rename, stat, writeFile } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { AskError, ask, askOnce } from '../../src/control/client.js';
import { type ConnectionBounds, defaultBounds, type Handler, longestRequest } from '../../src/control/connection.js';
import { type ControlAnswer, ControlError } from '../../src/control/protocol.js';
import { ControlServer } from '../../src/control/server.js';
import { within } from '../helpers/deadline.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const kilobyte = 'x'.repeat(1024);

/** Verbs that show what a connection can be brought to do. */
const handle: Handler = async function* (request, signal) {
  switch (request.verb) {
    case 'echo':
      yield request.given;
      break;
    case 'much':
      for (let count = 0; count < 20_000; count += 1) yield kilobyte;
      break;
    case 'forever':
      yield 'begun';
      if (!signal.aborted) await once(signal, 'abort');
      break;
    case 'refuse':
      throw new ControlError('refused', 'for a reason');
    default:
      throw new Error(`unforeseen ${request.verb}`);
  }
};

async function serve(t: TestContext, options: { bounds?: Partial<ConnectionBounds>; connections?: number } = {}) {
  const path = join(await temporaryDirectory(t), 'sock');
  const bounds = { ...defaultBounds, ...options.bounds };
  const { connections = 128 } = options;
  const server = await ControlServer.open({ path, handle, bounds, connections });
  t.after(() => server.close());
  const connect = async (): Promise<Socket> => {
    const socket = createConnection(path);
    socket.on('error', () => {});
    t.after(() => socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
  return { path, server, connect };
}

async function answersOf(socket: Socket): Promise<ControlAnswer[]> {
  const text = await within('the end of the connection', textOf(socket));
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ControlAnswer);
}

const list = '{"v":1,"id":1,"verb":"echo","a":1}\n';

test('requests are answered in order, also in pieces, and after the client has closed its side', async (t) => {
  const { connect } = await serve(t);
  const socket = await connect();
  for (const byte of `${list}${list.replace('"id":1', '"id":"two"')}{"v":1,"id":3,"verb":"refuse"}\n`)
    socket.write(byte);
  socket.end('{"v":1,"id":4,"verb":"x"}\nno request\n');
  assert.deepEqual(await answersOf(socket), [
    { v: 1, id: 1, data: { a: 1 } },
    { v: 1, id: 1, last: true },
    { v: 1, id: 'two', data: { a: 1 } },
    { v: 1, id: 'two', last: true },
    { v: 1, id: 3, last: true, error: { code: 'refused', message: 'for a reason' } },
    { v: 1, id: 4, last: true, error: { code: 'failed', message: 'unforeseen x' } },
    {
      v: 1,
      id: null,
      last: true,
      error: { code: 'bad-request', message: 'a request is a line of JSON: {"v":1,"id":1,"verb":"list"}' },
    },
  ]);
});

test('only the user may connect, members of a group while it is shared with it', async (t) => {
  const { path, server, connect } = await serve(t);
  const standing = async () => ((await stat(path)).mode & 0o777).toString(8);
  assert.equal(await standing(), '600');
  const group = process.getgid?.() ?? 0;
  await server.share(group);
  assert.equal(await standing(), '660');
  assert.equal((await stat(path)).gid, group);
  const member = await connect();
  member.write(list);
  await once(member, 'data');
  await server.share(group);
  member.write(list);
  await once(member, 'data');
  // What comes while nobody listens any more is lost.
  const lastWords = answersOf(member);
  await server.share(null);
  assert.equal(await standing(), '600');
  assert.equal((await lastWords).at(-1)?.error?.code, 'stopping');
});

test('a socket that is left over is replaced, one that lives and what is no socket are not', async (t) => {
  const path = join(await temporaryDirectory(t), 'sock');
  const open = () => ControlServer.open({ path, handle });
  await writeFile(path, '');
  await assert.rejects(open, /in the way/);
  const { path: leftOver, server: first } = await serve(t);
  await assert.rejects(() => ControlServer.open({ path: leftOver, handle }), /another process's/);
  assert.deepEqual(await askOnce(leftOver, 'echo', { b: 2 }), { b: 2 });
  await first.close();
  await assert.rejects(stat(leftOver), { code: 'ENOENT' });

  // As a process that is killed leaves it: bound, and nobody listens.
  const dead = createServer().listen(leftOver);
  await once(dead, 'listening');
  await rename(leftOver, `${leftOver}.kept`);
  dead.close();
  await once(dead, 'close');
  await rename(`${leftOver}.kept`, leftOver);
  const next = await ControlServer.open({ path: leftOver, handle });
  t.after(() => next.close());
  assert.deepEqual(await askOnce(leftOver, 'echo', { c: 3 }), { c: 3 });
  await assert.rejects(ControlServer.open({ path: `/${'a'.repeat(120)}`, handle }), /longer than/);
});

test('clients that stall, or send half a request, are let go with a word, and delay nobody', async (t) => {
  const { path, connect } = await serve(t, { bounds: { complete: 500 }, connections: 300 });
  const sockets = await Promise.all(Array.from({ length: 200 }, connect));
  for (const [index, socket] of sockets.entries()) if (index % 2 === 0) socket.write('{"v":1,"id":');
  assert.deepEqual(await askOnce(path, 'echo', { a: 1 }), { a: 1 });
  for (const socket of sockets) {
    const [answer] = await answersOf(socket);
    assert.equal(answer?.error?.code, 'too-late');
  }
});

test('with all places taken by such clients, one that asks still gets an answer', async (t) => {
  const { path, connect } = await serve(t, { connections: 50 });
  const sockets = await Promise.all(Array.from({ length: 200 }, connect));
  assert.deepEqual(await askOnce(path, 'echo', { a: 1 }), { a: 1 });
  const [answer] = await answersOf(sockets[0] ?? assert.fail());
  assert.equal(answer?.error?.code, 'busy');
  for (const socket of sockets.slice(0, 50)) await within('its end', once(socket.resume(), 'close'));
});

test('where all are being served, one more is turned away', async (t) => {
  const { path, connect } = await serve(t, { connections: 3 });
  for (let count = 0; count < 3; count += 1) {
    const socket = await connect();
    socket.write('{"v":1,"id":1,"verb":"forever"}\n');
    await within('it to be served', once(socket, 'data'));
  }
  await assert.rejects(askOnce(path, 'echo'), (error) => error instanceof AskError && error.code === 'busy');
});

test('100 MB instead of a request are not read', async (t) => {
  const { path, connect } = await serve(t);
  const before = process.memoryUsage().rss;
  const flood = async (): Promise<number> => {
    const socket = await connect();
    let sent = 0;
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    while (sent < 100 && !socket.destroyed && socket.writable) {
      sent += 1;
      if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {});
    }
    return sent;
  };
  const [sent, ...others] = await within('the floods to be cut off', Promise.all(Array.from({ length: 20 }, flood)));
  assert.deepEqual(await askOnce(path, 'echo', { a: 1 }), { a: 1 });
  assert.ok(Math.max(sent ?? 0, ...others) < 20, `${sent} MB were taken`);
  assert.ok(process.memoryUsage().rss - before < 200 * 1024 * 1024);
  const polite = await connect();
  polite.write(Buffer.alloc(longestRequest + 5_000, 'x'));
  const [answer] = await answersOf(polite);
  assert.equal(answer?.error?.code, 'too-long');
});

test('clients that never read are let go, and what is made for them is made as they read', async (t) => {
  const { path, connect } = await serve(t, { bounds: { read: 500 } });
  const sockets = await Promise.all(Array.from({ length: 100 }, connect));
  const closed: Promise<unknown>[] = [];
  const before = process.memoryUsage().rss;
  for (const socket of sockets) {
    socket.pause();
    socket.write('{"v":1,"id":1,"verb":"much"}\n');
  }
  assert.deepEqual(await askOnce(path, 'echo', { a: 1 }), { a: 1 });
  // 100 times 20 MB, had it been made for all of them at once.
  assert.ok(process.memoryUsage().rss - before < 300 * 1024 * 1024);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  for (const socket of sockets) closed.push(once(socket.resume(), 'close'));
  await within('all of them to be let go', Promise.all(closed));
  let count = 0;
  for await (const data of ask(path, 'much')) count += data === kilobyte ? 1 : 0;
  assert.equal(count, 20_000, 'one that reads gets all of it');
});

test('closing ends what goes on for ever, and all connections', async (t) => {
  const { path, server, connect } = await serve(t);
  const waiting = askOnce(path, 'forever', {}, { patience: null });
  const refused = assert.rejects(waiting, (error) => error instanceof AskError && error.code === 'stopping');
  const idle = await connect();
  await askOnce(path, 'echo');
  await within('the server to close', server.close());
  await refused;
  await within('the end of an idle connection', once(idle.resume(), 'close'));
  await assert.rejects(askOnce(path, 'echo'), (error) => error instanceof AskError && error.code === 'unreachable');
});

test('a client whose daemon does not answer gives up', async (t) => {
  const path = join(await temporaryDirectory(t), 'sock');
  const mute = createServer(() => {}).listen(path);
  t.after(() => mute.close());
  await once(mute, 'listening');
  await assert.rejects(
    askOnce(path, 'echo', {}, { patience: 200 }),
    (error) => error instanceof AskError && error.code === 'broken' && /did not answer/.test(error.message),
  );
});
