import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runProbe } from '../../src/probes/run.js';
import { checkOf } from '../helpers/check.js';
import { until } from '../helpers/deadline.js';
import { withoutLeaks } from '../helpers/leaks.js';
import { listen } from '../helpers/listener.js';

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

  it('never looks up a name', async () => {
    const result = await runProbe(checkOf({ type: 'connect', address: 'localhost' }), 'connect');
    assert.equal(result.reason, 'connect: no address to connect to');
  });
});
