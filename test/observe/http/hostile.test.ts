import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../helpers/deadline.js';
import { serverStatus, statusOf, virtualStatus } from '../../helpers/status.js';
import { fetched, webSite } from '../../helpers/web-site.js';

const mebibyte = Buffer.alloc(1024 * 1024, 'a');
const hundred = 100 * mebibyte.length;
/** Milliseconds: the bounds of the listener, and much room. */
const patience = 60_000;

/** A client that does what it likes, until it is thrown out. */
function client(port: number, behave: (socket: Socket) => void) {
  const socket = connect(port, '127.0.0.1');
  const state = { socket, isGone: false, taken: () => socket.bytesWritten - socket.writableLength };
  socket.on('error', () => {});
  socket.on('close', () => {
    state.isGone = true;
  });
  // Whoever reads nothing does not notice that it was thrown out.
  socket.resume();
  socket.once('connect', () => behave(socket));
  return state;
}

function flood(socket: Socket, head: string): void {
  socket.write(head);
  const more = (): void => {
    while (!socket.destroyed && socket.bytesWritten < hundred) if (!socket.write(mebibyte)) return;
  };
  socket.on('drain', more);
  more();
}

test('200 clients that stall, dribble or flood are thrown out, and nobody else waits for them', async (t) => {
  const { port, base } = await webSite(t);
  const head = 'POST /api/v1/servers/10.0.0.1:80/drain HTTP/1.1\r\nHost: localhost\r\n';
  const behaviours: readonly ((socket: Socket) => void)[] = [
    () => {},
    (socket) => socket.write('GET /metrics HTTP/1.1\r\nHost: local'),
    (socket) => {
      const dribble = setInterval(() => socket.write('X-A: b\r\n'), 500);
      socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n');
      socket.once('close', () => clearInterval(dribble));
    },
    (socket) => flood(socket, `${head}Content-Length: ${hundred}\r\n\r\n`),
    (socket) => flood(socket, 'GET / HTTP/1.1\r\nX-Long: '),
  ];
  const clients = Array.from({ length: 200 }, (_, at) =>
    client(port, behaviours[at % behaviours.length] ?? (() => {})),
  );
  t.after(() => {
    for (const { socket } of clients) socket.destroy();
  });
  let answered = 0;
  while (clients.some(({ isGone }) => !isGone) && answered < 1000) {
    assert.equal(await fetched(`${base}/healthz`), 'ok\n');
    answered += 1;
    await sleep(100);
  }
  assert.ok(answered > 1, 'they were still there while others were answered');
  await until('all are thrown out', () => clients.every(({ isGone }) => isGone), patience);
  assert.ok(
    clients.every(({ taken }) => taken() < hundred / 2),
    'nobody read what they sent',
  );
});

test('readers that take nothing off hold a bounded number of large answers', async (t) => {
  const servers = Array.from({ length: 4000 }, (_, at) => serverStatus({ name: `10.0.${at >> 8}.${at & 255}:80` }));
  const status = statusOf([virtualStatus({ servers })]);
  const { port, base } = await webSite(t, { describe: async () => status });
  const lazy = Array.from({ length: 24 }, () =>
    client(port, (socket) => {
      socket.pause();
      socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    }),
  );
  t.after(() => {
    for (const { socket } of lazy) socket.destroy();
  });
  const large = async (): Promise<number> => {
    const response = await fetch(`${base}/metrics`, { headers: { 'Accept-Encoding': 'identity' } });
    await response.arrayBuffer();
    return response.status;
  };
  await until('large answers are turned away', async () => (await large()) === 503);
  assert.equal(await fetched(`${base}/healthz`), 'ok\n');
  for (const { socket } of lazy) socket.destroy();
  await until('they are given again', async () => (await large()) === 200);
});
