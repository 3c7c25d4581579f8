import assert from 'node:assert/strict';
import { once } from 'node:events';
import https from 'node:https';
import { describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { Check } from '../../../src/probes/probe.js';
import { runProbe } from '../../../src/probes/run.js';
import { testCertificate } from '../../helpers/certificate.js';
import { brief, checkOf, tlsOf } from '../../helpers/check.js';
import { lacks } from '../../helpers/programs.js';

interface Server {
  /** Whether each connection resumed a session. */
  readonly resumed: boolean[];
  /** Whether answers come. */
  silent: boolean;
  readonly check: Check;
}

async function withServer(changes: Partial<Check>, use: (server: Server) => Promise<void>): Promise<void> {
  const listener = https.createServer(testCertificate(), (_request, reply) => {
    if (!server.silent) reply.end('hello');
  });
  listener.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => {});
    server.resumed.push(socket.isSessionReused());
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const bound = listener.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const check = checkOf({ service: 'https', tls: tlsOf(), port, ...changes });
  const server: Server = { resumed: [], silent: false, check };
  try {
    await use(server);
  } finally {
    listener.closeAllConnections();
    listener.close();
    await once(listener, 'close');
  }
}

async function times(count: number, { check }: Server): Promise<void> {
  for (let done = 0; done < count; done += 1) {
    const { ok, reason } = await runProbe(check, 'negotiate');
    assert.equal(ok, true, reason);
  }
}

describe('TLS sessions', { skip: lacks('openssl') }, () => {
  it('are resumed by the checks of one server, and not for ever', async () => {
    await withServer({}, async (server) => {
      await times(22, server);
      assert.deepEqual(server.resumed, [false, ...Array<boolean>(19).fill(true), false, true]);
    });
  });

  it('end with a failure', async () => {
    // Patient at first, since the check must be the same object in each state of the server.
    await withServer({ negotiateTimeout: 10 * brief }, async (server) => {
      await times(2, server);
      server.silent = true;
      assert.equal((await runProbe(server.check, 'negotiate')).ok, false);
      server.silent = false;
      await times(2, server);
      assert.deepEqual(server.resumed, [false, true, true, false, true]);
    });
  });

  it('are none where days of validity are asked for', async () => {
    await withServer({ tls: tlsOf({ minDays: 1 }) }, async (server) => {
      await times(3, server);
      assert.deepEqual(server.resumed, [false, false, false]);
    });
  });
});
