import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import net from 'node:net';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { DeadlineExceeded, ProbeFailure } from '../../../src/probes/failure.js';
import { releaseKept } from '../../../src/probes/release.js';
import { withConnection } from '../../../src/probes/sockets/dial.js';
import { connectTo } from '../../../src/probes/sockets/tcp-connect.js';
import type { TcpSocket } from '../../../src/probes/sockets/tcp-socket.js';
import { direct } from '../../helpers/check.js';
import { until, within } from '../../helpers/deadline.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { type Behaviour, closedPort, type Listener, listen } from '../../helpers/listener.js';
import type { ResettingServer } from '../../helpers/resetting-server.js';
import { startTcpBlackHole } from '../../helpers/tcp-black-hole.js';

const never = new AbortController().signal;
const descriptors = () => readdirSync('/proc/self/fd').length;

/** What `read` hands over of a socket, which it is called for whenever there can be more. */
function reading(socket: TcpSocket, read: (done: (bytes: Buffer) => void) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    socket.onEvent = () => {
      try {
        read(resolve);
      } catch (error) {
        reject(error);
      }
    };
    socket.onEvent();
  });
}

/** Reads what comes, in reads of so many bytes, until the end. */
function readAll(socket: TcpSocket, size: number, perEvent: number): Promise<Buffer> {
  const buffer = Buffer.alloc(size);
  const parts: Buffer[] = [];
  return reading(socket, (done) => {
    for (let reads = 0; reads < perEvent; reads += 1) {
      const count = socket.receive(buffer);
      if (count === null) return;
      if (count === 0) {
        done(Buffer.concat(parts));
        return;
      }
      parts.push(Buffer.from(buffer.subarray(0, count)));
    }
    socket.goOn();
  });
}

/** What comes first. */
function readOnce(socket: TcpSocket): Promise<Buffer> {
  const buffer = Buffer.alloc(1000);
  return reading(socket, (done) => {
    const count = socket.receive(buffer);
    if (count !== null) done(buffer.subarray(0, count));
  });
}

async function withServer(
  behave: Behaviour,
  use: (server: Listener) => Promise<void>,
  address?: string,
): Promise<void> {
  await withoutLeaks(async () => {
    const server = await listen(behave, address);
    try {
      await use(server);
      await until('no connection is left', () => server.connections() === 0);
    } finally {
      await server.close();
    }
  });
}

describe('a socket of our own', () => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`sends and reads, ${address}`, async () => {
      await withServer(
        (socket) => socket.once('data', (data) => socket.end(`got ${data}`)),
        async ({ port }) => {
          const socket = await connectTo({ address, port, route: direct }, never);
          socket.send(Buffer.from('hello'));
          assert.equal(String(await within('an answer', readAll(socket, 1000, 4))), 'got hello');
          socket.end();
          socket.end();
          assert.equal(socket.ended, true);
        },
        address,
      );
    });
  }

  it('reads on where it was given no time to read all', async () => {
    const said = Buffer.alloc(300_000, 'abc');
    await withServer(
      (socket) => socket.end(said),
      async ({ port, address }) => {
        const socket = await connectTo({ address, port, route: direct }, never);
        assert.ok((await within('all of it', readAll(socket, 1024, 1))).equals(said));
        socket.end();
      },
    );
  });

  it('sends on what the peer did not take at once', async () => {
    const long = Buffer.alloc(20_000_000, 'x');
    let got = 0;
    await withServer(
      (socket) => {
        socket.pause();
        socket.on('data', (data) => {
          got += data.length;
          if (got === long.length) socket.end('all');
        });
        setTimeout(() => socket.resume(), 20);
      },
      async ({ port, address }) => {
        const socket = await connectTo({ address, port, route: direct }, never);
        socket.send(long);
        assert.equal(String(await within('an answer', readAll(socket, 100, 4))), 'all');
        socket.end();
      },
    );
  });

  it('ends with a reset, unless the peer has closed', async () => {
    const ends: string[] = [];
    const record: Behaviour = (socket) => {
      socket.on('error', (error: NodeJS.ErrnoException) => ends.push(error.code ?? ''));
      socket.on('close', (failed) => failed || ends.push('closed'));
    };
    await withServer(record, async ({ port, address }) => {
      (await connectTo({ address, port, route: direct }, never)).end();
      await until('the server has seen it', () => ends.length === 1);
    });
    await withServer(
      (socket) => {
        record(socket);
        socket.end('bye');
      },
      async ({ port, address }) => {
        const socket = await connectTo({ address, port, route: direct }, never);
        assert.equal(String(await readAll(socket, 100, 4)), 'bye');
        socket.end();
        await until('the server has seen it', () => ends.length === 2);
      },
    );
    assert.deepEqual(ends, ['ECONNRESET', 'closed']);
  });

  for (const address of ['127.0.0.1', '::1']) {
    it(`serves one connection after another, ${address}`, async () => {
      await releaseKept();
      const before = descriptors();
      const heard: string[] = [];
      const greet: Behaviour = (socket) => {
        socket.write(`hello from ${socket.localPort}`);
        socket.once('data', (data) => heard.push(`${socket.localPort}: ${data.toString('latin1', 0, 10)}`));
      };
      await withServer(
        greet,
        (first) =>
          withServer(
            greet,
            async (second) => {
              const numbers = new Set<number>();
              for (const { port } of [first, second, first, second, second, first]) {
                const socket = await connectTo({ address, port, route: direct }, never);
                numbers.add(socket.descriptor);
                assert.equal(String(await within('a greeting', readOnce(socket))), `hello from ${port}`);
                // More than the kernel takes at once: the rest must not reach the next server.
                socket.send(Buffer.from(`to ${port} `.repeat(1_000_000)));
                await until('it comes', () => heard.length > 0);
                socket.end();
                const [line = ''] = heard.splice(0);
                assert.ok(line.startsWith(`${port}: to ${port}`), line);
              }
              assert.equal(numbers.size, 1);
            },
            address,
          ),
        address,
      );
      await releaseKept();
      assert.ok(descriptors() <= before, `${before} descriptors, and then ${descriptors()}`);
    });
  }

  it('stands also where the request is late that is to follow', async () => {
    await withServer(
      () => {},
      async ({ port, address, accepted }) => {
        const socket = await connectTo({ address, port, route: direct }, never, 'request');
        await until('the server has accepted', () => accepted() === 1);
        socket.end();
      },
    );
  });

  it('is closed where the connection failed, and what is kept for others is bounded', async () => {
    await releaseKept();
    const refused = await closedPort();
    const before = descriptors();
    await assert.rejects(connectTo({ address: '127.0.0.1', port: refused, route: direct }, never), /refused/);
    await withServer(
      () => {},
      async ({ port, address }) => {
        const sockets = await Promise.all(
          Array.from({ length: 300 }, () => connectTo({ address, port, route: direct }, never)),
        );
        for (const socket of sockets) socket.end();
        await until('all have gone', () => descriptors() <= before + 260);
        assert.ok(descriptors() >= before + 256);
      },
    );
    await releaseKept();
    assert.ok(descriptors() <= before + 1, `${before} descriptors, and then ${descriptors()}`);
  });

  for (const says of ['', 'too many connections']) {
    const name = says === '' ? 'tells of a reset' : 'gives what was said before a reset, and then tells of that';

    it(`${name}, which came before anybody looked`, async () => {
      const server = new Worker(new URL('../../helpers/resetting-server.js', import.meta.url), {
        workerData: { says },
      });
      try {
        const [{ port, done }] = (await once(server, 'message')) as [ResettingServer];
        const connecting = connectTo({ address: '127.0.0.1', port, route: direct }, never);
        assert.notEqual(Atomics.wait(done, 0, 0, 10_000), 'timed-out');
        const socket = await connecting;
        if (says !== '') assert.equal(String(await readOnce(socket)), says);
        await assert.rejects(readOnce(socket), { message: 'ECONNRESET' });
        socket.end();
      } finally {
        await server.terminate();
      }
    });
  }

  it('hands no connection over that was reset before anybody looked', async () => {
    const server = new Worker(new URL('../../helpers/resetting-server.js', import.meta.url), { workerData: {} });
    try {
      const [{ port, done }] = (await once(server, 'message')) as [ResettingServer];
      const target = {
        address: '127.0.0.1',
        port,
        route: { mark: null, source: '127.0.0.1', towards: null },
        tls: null,
      };
      const connecting = withConnection(target, never, async () => 'lent');
      assert.notEqual(Atomics.wait(done, 0, 0, 10_000), 'timed-out');
      await assert.rejects(connecting, { message: 'connect: reset or closed by the server (ECONNRESET)' });
    } finally {
      await server.terminate();
    }
  });

  it('says what the system says', async () => {
    const failure = async (address: string, port: number) => {
      try {
        (await connectTo({ address, port, route: direct }, never)).end();
        return 'connected';
      } catch (error) {
        assert.ok(error instanceof ProbeFailure);
        return error.message;
      }
    };
    assert.equal(await failure('127.0.0.1', await closedPort()), 'connect: refused (ECONNREFUSED)');
    assert.equal(await failure('localhost', 80), 'connect: no address to connect to');
    assert.equal(await failure('fe80::1%nowhere', 80), 'connect: no address to connect to');
    // Broadcast is for those who ask for it (tcp(7)).
    assert.match(await failure('255.255.255.255', 80), /^connect: .* \((ENETUNREACH|EACCES|ECONNREFUSED)\)$/);
  });

  it('gives up at once when the signal aborts', async () => {
    const hole = await startTcpBlackHole();
    try {
      await withoutLeaks(async () => {
        const before = descriptors();
        const controller = new AbortController();
        const attempt = connectTo({ ...hole, route: direct }, controller.signal);
        controller.abort(new DeadlineExceeded(2000));
        await assert.rejects(attempt, /^ProbeFailure: connect: no answer within 2 s$/);
        assert.ok(descriptors() <= before);
      });
    } finally {
      await hole.close();
    }
  });

  it('runs by the thousand, and leaves nothing behind', async () => {
    await withServer(
      () => {},
      async ({ port, address }) => {
        await releaseKept();
        const before = descriptors();
        const target = { address, port, route: direct };
        const sockets = await Promise.all(Array.from({ length: 2000 }, () => connectTo(target, never)));
        assert.ok(sockets.every((socket) => !socket.ended));
        for (const socket of sockets) socket.end();
        await releaseKept();
        await until('the server has closed its side', () => descriptors() <= before);
      },
    );
  });

  it('hands its descriptor over', async () => {
    await withServer(
      (socket) => socket.pipe(socket),
      async ({ port, address }) => {
        const own = await connectTo({ address, port, route: direct }, never);
        const socket = new net.Socket({ fd: own.release() });
        assert.equal(own.ended, true);
        const said = new Promise((resolve) => socket.once('data', resolve));
        socket.write('hello');
        assert.equal(String(await within('an answer', said)), 'hello');
        socket.destroy();
      },
    );
  });

  it('rests without holding up anything, and knows what has come meanwhile', async () => {
    let peer: net.Socket | null = null;
    await withServer(
      (socket) => {
        peer = socket;
      },
      async ({ port, address }) => {
        const socket = await connectTo({ address, port, route: direct }, never);
        const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
        const busy = timers();
        socket.rest();
        assert.equal(timers(), busy - 1);
        await until('the server has accepted', () => peer !== null);
        assert.equal(socket.isQuiet(), true);
        peer?.write('unasked');
        await until('it is noticed', () => !socket.isQuiet());
        socket.end();
      },
    );
  });
});

describe('an IPv4 address in the form of IPv6', () => {
  it('spoils no socket for the connections after it', async () => {
    const server = await listen(() => {}, '::');
    const connect = async (address: string): Promise<void> => {
      const socket = await within(address, connectTo({ address, port: server.port, route: direct }, never));
      socket.end();
    };
    try {
      for (const address of ['::1', '::ffff:127.0.0.1', '::1', '::1', '::ffff:127.0.0.1', '::1'])
        await connect(address);
    } finally {
      await server.close();
      await releaseKept();
    }
  });
});
