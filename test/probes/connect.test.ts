import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { runProbe } from '../../src/probes/run.js';
import { ample, checkOf } from '../helpers/check.js';
import { until } from '../helpers/deadline.js';
import { withoutLeaks } from '../helpers/leaks.js';
import { closedPort, listen } from '../helpers/listener.js';
import type { ResettingServer } from '../helpers/resetting-server.js';

describe('connect', () => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`is up when ${address} accepts, and ends with a reset`, async () => {
      const ends: string[] = [];
      await withoutLeaks(async () => {
        const server = await listen((socket) => {
          socket.on('end', () => ends.push('end'));
          socket.on('error', (error: NodeJS.ErrnoException) => ends.push(error.code ?? error.message));
        }, address);
        try {
          const result = await runProbe(checkOf({ type: 'connect', address, port: server.port }), 'connect');
          assert.equal(result.reason, 'connect: accepted');
          assert.equal(result.ok, true);
          await until('the server has seen an end', () => ends.length > 0);
          assert.deepEqual(ends, ['ECONNRESET']);
        } finally {
          await server.close();
        }
      });
    });
  }

  for (const [name, workerData] of [
    ['resets', {}],
    ['closes and resets', { closes: true }],
    ['speaks and resets', { says: 'too many connections' }],
  ] as const) {
    it(`is up when the server accepts and ${name} before anybody looks`, async () => {
      const server = new Worker(new URL('../helpers/resetting-server.js', import.meta.url), { workerData });
      try {
        const [{ port, done }] = (await once(server, 'message')) as [ResettingServer];
        await withoutLeaks(async () => {
          const check = checkOf({ type: 'connect', port });
          const result = runProbe(check, 'connect');
          // Until then this thread sees none of its events.
          assert.notEqual(Atomics.wait(done, 0, 0, ample), 'timed-out');
          assert.deepEqual(await result.then(({ ok, reason }) => [ok, reason]), [true, 'connect: accepted']);
        });
      } finally {
        await server.terminate();
      }
    });
  }

  it('is down when nobody listens', async () => {
    const result = await runProbe(checkOf({ type: 'connect', port: await closedPort() }), 'connect');
    assert.deepEqual([result.ok, result.reason], [false, 'connect: refused (ECONNREFUSED)']);
  });

  it('never looks up a name', async () => {
    const result = await runProbe(checkOf({ type: 'connect', address: 'localhost' }), 'connect');
    assert.equal(result.reason, 'connect: no address to connect to');
  });
});
