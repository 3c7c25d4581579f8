import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { knock } from '../../src/path/knock.js';
import { startTcpBlackHole } from '../helpers/tcp-black-hole.js';

/** Milliseconds. */
const ample = 60_000;

async function listen(address: string): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  server.listen(0, address);
  await once(server, 'listening');
  const place = server.address();
  assert.ok(typeof place === 'object' && place !== null);
  return {
    port: place.port,
    async close() {
      server.close();
      await once(server, 'close');
    },
  };
}

test('taken, refused', async () => {
  const server = await listen('127.0.0.1');
  assert.equal(await knock('127.0.0.1', server.port, ample), null);
  await server.close();
  assert.equal(await knock('127.0.0.1', server.port, ample), 'refused');
});

test('an answer that came while this process was busy counts', async () => {
  const server = await listen('127.0.0.1');
  const knocking = knock('127.0.0.1', server.port, 20);
  const until = performance.now() + 100;
  while (performance.now() < until);
  assert.equal(await knocking, null);
  await server.close();
});

test('neither of both', async () => {
  const hole = await startTcpBlackHole();
  assert.equal(await knock(hole.address, hole.port, 100), 'timed out after 0.1 s');
  await hole.close();
});
