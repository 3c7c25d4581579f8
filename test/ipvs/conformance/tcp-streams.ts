/** TCP through a service: every byte, every end and every reset arrives as it was sent. */

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorName, takePendingError } from '../../../src/system/libc.js';
import { until, within } from '../../helpers/deadline.js';
import { dial } from '../../helpers/tcp-client.js';
import { greet, startTcpServer } from '../../helpers/tcp-server.js';
import { building, carryOut, destinationAt, ifItCopies, opened, type Subject, serviceAt } from './fixture.js';

const MIB = 1 << 20;

/** A service whose one destination is a server that does this; gives a client connected through it. */
async function through(t: TestContext, subject: Subject, serve: (socket: Socket) => void, address = '127.0.0.1') {
  const backend = await opened(t, subject);
  const server = await startTcpServer(serve, address);
  t.after(() => server.close());
  const service = await serviceAt(address, 'tcp');
  await carryOut(backend, ...building(service, [destinationAt(server)]));
  const connect = async () => {
    const client = await dial(address, service.port);
    t.after(() => client.close());
    return client;
  };
  return { client: await connect(), connect, server };
}

/** The digest of everything that a socket receives. */
async function digestOf(socket: Socket): Promise<string> {
  const hash = createHash('sha256');
  socket.on('data', (chunk) => hash.update(chunk));
  await within('the end of a transfer', once(socket, 'end'));
  return hash.digest('hex');
}

/** How a connection ends whose own end has been sent: `end`, or the error, which stays on the socket where data come along. */
function endOf(socket: Socket): Promise<string> {
  const { _handle: handle } = socket as Socket & { readonly _handle?: { readonly fd: number } | null };
  assert.ok(handle);
  return new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on('end', () => {
      const error = takePendingError(handle.fd);
      resolve(error === 0 ? 'end' : errorName(error));
    });
  });
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function tcpStreamConformance(subject: Subject): void {
  describe('TCP streams', ifItCopies(subject), () => {
    test('an end of the client reaches the server, whose answer still comes', async (t) => {
      const { client } = await through(t, subject, (socket) => {
        let asked = '';
        socket.on('data', (chunk) => {
          asked += chunk;
        });
        socket.on('end', () => socket.end(`you said ${asked}\n`));
      });
      client.socket.end('hello');
      assert.equal(await client.line(), 'you said hello');
      assert.equal(await client.ending(), 'end');
    });

    test('an end of the server reaches the client, which can still send', async (t) => {
      let heard = '';
      const { client, server } = await through(t, subject, (socket) => {
        socket.end('goodbye\n');
        socket.on('data', (chunk) => {
          heard += chunk;
        });
      });
      assert.equal(await client.line(), 'goodbye');
      assert.equal(await client.ending(), 'end');
      client.socket.write('one more ');
      await until('the first part has come', () => heard === 'one more ');
      client.socket.end('thing');
      await until('the server has seen the end', () => server.sockets.size === 0);
      assert.equal(heard, 'one more thing');
    });

    test('8 MiB each way at once arrive whole', async (t) => {
      const [up, down] = [randomBytes(8 * MIB), randomBytes(8 * MIB)];
      let received: Promise<string> | undefined;
      const { client } = await through(t, subject, (socket) => {
        received = digestOf(socket);
        socket.end(down);
      });
      const answer = digestOf(client.socket);
      client.socket.end(up);
      assert.equal(await answer, digest(down));
      assert.equal(await received, digest(up));
    });

    test('a server that does not read holds its own client back and nobody else', async (t) => {
      const bytes = randomBytes(32 * MIB);
      let stalled: Socket | undefined;
      let received: Promise<string> | undefined;
      const { client, connect } = await through(t, subject, (socket) => {
        if (stalled) {
          greet('other')(socket);
          return;
        }
        stalled = socket;
      });
      client.socket.end(bytes);
      await until('the first connection has come', () => stalled !== undefined);
      assert.equal(await (await connect()).line(), 'other');
      // The socket buffers on the way hold far less than was sent.
      assert.ok(client.socket.writableLength > 0);
      if (stalled) received = digestOf(stalled);
      assert.equal(await received, digest(bytes));
    });

    test('an answer ends though its server does not read what it is sent', async (t) => {
      const { client } = await through(t, subject, (socket) => {
        socket.once('data', () => {
          socket.pause();
          socket.end('too large\n');
        });
      });
      client.socket.write(randomBytes(32 * MIB));
      assert.equal(await client.line(), 'too large');
      await within('the end of the answer', once(client.socket, 'end'));
      // The socket buffers on the way hold far less than was sent.
      assert.ok(client.socket.writableLength > 0);
    });

    test('a request ends though its client does not read what it is sent', async (t) => {
      let serving: Socket | undefined;
      const { client } = await through(t, subject, (socket) => {
        serving = socket;
        socket.resume();
        socket.write(randomBytes(32 * MIB));
      });
      client.socket.pause();
      await until('the connection has come', () => serving !== undefined);
      assert.ok(serving);
      const ended = once(serving, 'end');
      // Long enough for all buffers on the way to fill.
      await sleep(100);
      client.socket.end('that is all');
      await within('the end of the request', ended);
      assert.ok(serving.writableLength > 0);
    });

    test('a reset by the server is a reset for the client', async (t) => {
      const { client } = await through(t, subject, (socket) => {
        socket.once('data', () => socket.resetAndDestroy());
      });
      client.socket.write('x');
      assert.equal(await client.ending(), 'ECONNRESET');
    });

    test('a reset in the middle of an answer is not mistaken for its end', async (t) => {
      let serving: Socket | undefined;
      const { client } = await through(t, subject, (socket) => {
        serving = socket;
        socket.write(randomBytes(32 * MIB));
      });
      client.socket.pause();
      await until('the answer has begun', () => serving !== undefined);
      // Long enough for all buffers on the way to fill, so that the reset finds data that is still unread.
      await sleep(200);
      serving?.resetAndDestroy();
      await sleep(50);
      client.socket.resume();
      assert.equal(await client.ending(), 'ECONNRESET');
    });

    test('the same where the client has sent its end before', async (t) => {
      let serving: Socket | undefined;
      const { client } = await through(t, subject, (socket) => {
        serving = socket;
        socket.on('end', () => socket.write(randomBytes(32 * MIB)));
        socket.resume();
      });
      client.socket.pause();
      client.socket.end('all of it, please');
      await until('the answer has begun', () => (serving?.bytesWritten ?? 0) > 0);
      await sleep(200);
      serving?.resetAndDestroy();
      await sleep(50);
      const outcome = endOf(client.socket);
      client.socket.resume();
      assert.equal(await within('the end of the connection', outcome), 'ECONNRESET');
    });

    test('a reset by the client is a reset for the server', async (t) => {
      const outcome = new Promise<string>((resolve) => {
        void through(t, subject, (socket) => {
          socket.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
          socket.on('end', () => resolve('end'));
          socket.resume();
          socket.write('hello\n');
        }).then(async ({ client }) => {
          await client.line();
          client.socket.resetAndDestroy();
        });
      });
      assert.equal(await within('what the server sees', outcome), 'ECONNRESET');
    });

    test('carries IPv6 as well', async (t) => {
      const { client } = await through(t, subject, greet('six'), '::1');
      assert.equal(await client.line(), 'six');
      client.socket.end('echo\n');
      assert.equal(await client.line(), 'echo');
      assert.equal(await client.ending(), 'end');
    });
  });
}
