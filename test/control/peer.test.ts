/** Who asks over the control socket, as the kernel says. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { askOnce } from '../../src/control/client.js';
import { ControlServer } from '../../src/control/server.js';
import { peerOf } from '../../src/system/peer.js';
import { within } from '../helpers/deadline.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

/** Becomes another user before it connects, or after that, and asks then. */
const asking = `
  if (process.argv[2]) process.setuid(Number(process.argv[2]));
  const socket = require('node:net').createConnection(process.argv[1], () => {
    if (process.argv[3]) process.setuid(Number(process.argv[3]));
    socket.write('{"v":1,"id":1,"verb":"who"}\\n');
  });
  socket.setEncoding('utf8').on('data', (answer) => {
    process.stdout.write(answer);
    if (answer.includes('"last"')) socket.destroy();
  });
`;

async function serve(t: TestContext): Promise<string> {
  const path = join(await temporaryDirectory(t), 'sock');
  const server = await ControlServer.open({
    path,
    handle: async function* (_request, _signal, peer) {
      yield { peer };
    },
  });
  t.after(() => server.close());
  return path;
}

async function answerTo(t: TestContext, path: string, first = '', then = ''): Promise<string> {
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, ['-e', asking, path, first, then], { stdio: [...stdio] });
  t.after(() => child.kill());
  const [answer] = await within('an answer', Promise.all([textOf(child.stdout), once(child, 'exit')]), 20_000);
  return answer;
}

test('a client is the user who connected, of this process or of another', async (t) => {
  const path = await serve(t);
  const uid = process.getuid?.();
  assert.deepEqual(await askOnce(path, 'who'), { peer: uid });
  assert.match(await answerTo(t, path), new RegExp(`"peer":${uid}\\}`));
});

test('another user is told apart, and whom somebody becomes later does not count', {
  skip: process.getuid?.() === 0 ? false : 'needs root',
}, async (t) => {
  const path = await serve(t);
  await chmod(dirname(path), 0o755);
  await chmod(path, 0o666);
  assert.match(await answerTo(t, path, '65534'), /"peer":65534\}/);
  assert.match(await answerTo(t, path, '4000000001'), /"peer":4000000001\}/, 'without a name, beyond 31 bits');
  assert.match(await answerTo(t, path, '', '65534'), /"peer":0\}/);
});

test('of a socket that has no user, or is closed, nobody is known', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const [client] = await Promise.all([once(server, 'connection'), connectTo(t, address.port)]);
  const [socket] = client as [Socket];
  assert.equal(peerOf(socket), null, 'TCP');
  socket.destroy();
  await once(socket, 'close');
  assert.equal(peerOf(socket), null);
});

async function connectTo(t: TestContext, port: number): Promise<void> {
  const socket = createConnection(port, '127.0.0.1').on('error', () => {});
  t.after(() => socket.destroy());
  await once(socket, 'connect');
}
