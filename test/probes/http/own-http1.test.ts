import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type net from 'node:net';
import { describe, it } from 'node:test';
import type { Check } from '../../../src/probes/probe.js';
import { releaseKept } from '../../../src/probes/release.js';
import { runProbe } from '../../../src/probes/run.js';
import { checkOf } from '../../helpers/check.js';
import { until } from '../../helpers/deadline.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { listen } from '../../helpers/listener.js';

const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

/** Whether the client's side has something to read, or has seen the end; proc_net_tcp.txt of the kernel's manual. */
function hasHeard(client: number, server: number): boolean {
  const address = (port: number) => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const row = rows.find(([, local, remote]) => local === address(client) && remote === address(server));
  const [, , , state, queues = ''] = row ?? [];
  return state !== '01' || !queues.endsWith(':00000000');
}

/** Runs two checks over a kept connection, and something in between with the server's side of it. */
async function twice(between: ((socket: net.Socket) => void) | null, expected: number): Promise<void> {
  await withoutLeaks(async () => {
    const sockets: net.Socket[] = [];
    const server = await listen((socket) => {
      sockets.push(socket);
      socket.on('data', () => socket.write(answer));
    });
    const check: Check = checkOf({ port: server.port, http: { ...checkOf({}).http, keepAlive: true } });
    try {
      assert.equal((await runProbe(check, 'negotiate')).reason, 'response: status 200');
      assert.equal(server.connections(), 1);
      const [socket] = sockets;
      assert.ok(socket);
      if (between !== null) {
        const client = socket.remotePort ?? 0;
        assert.equal(hasHeard(client, server.port), false);
        between(socket);
        await until('it is here', () => hasHeard(client, server.port));
      }
      const { ok, reason } = await runProbe(check, 'negotiate');
      assert.deepEqual([ok, reason], [true, 'response: status 200']);
      assert.equal(server.accepted(), expected);
    } finally {
      await releaseKept();
      await server.close();
    }
  });
}

describe('a kept connection in clear', () => {
  it('is used again', () => twice(null, 1));
  it('is opened anew where the server has closed it', () => twice((socket) => socket.end(), 2));
  it('is opened anew where the server has reset it', () => twice((socket) => socket.resetAndDestroy(), 2));
  it('takes no complaint about waiting for an answer', () =>
    twice((socket) => socket.end('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n'), 2));
  it('takes no answer to nothing for an answer', () => twice((socket) => socket.write(answer), 2));

  it('goes when nobody asks for it', async () => {
    await withoutLeaks(async () => {
      const server = await listen((socket) => socket.on('data', () => socket.write(answer)));
      const check = checkOf({ port: server.port, interval: 20, http: { ...checkOf({}).http, keepAlive: true } });
      try {
        assert.equal((await runProbe(check, 'negotiate')).ok, true);
        await until('it is gone', () => server.connections() === 0);
      } finally {
        await releaseKept();
        await server.close();
      }
    });
  });
});
