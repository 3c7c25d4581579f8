import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../helpers/free-port.js';
import { Meter, measure } from './inside/meter.js';
import { Peer } from './inside/peer.js';

test('the gap is from what went well before to what went well again', () => {
  const told = (failed: readonly number[]) =>
    measure(Array.from({ length: 10 }, (_, at) => ({ at: at * 20, failure: failed.includes(at) ? 'no' : null })));
  assert.deepEqual(told([]), { requests: 10, failed: 0, gap: 0, failures: {} });
  assert.deepEqual(told([3]), { requests: 10, failed: 1, gap: 40, failures: { no: 1 } });
  assert.deepEqual(told([3, 5, 6, 9]), { requests: 10, failed: 4, gap: 60, failures: { no: 4 } });
  assert.deepEqual(told([7, 8, 9]), { requests: 10, failed: 3, gap: 60, failures: { no: 3 } });
  // Who waits longer than others between two requests that go well has lost nothing.
  assert.equal(measure([0, 500].map((at) => ({ at, failure: null }))).gap, 0);
});

async function start(t: TestContext): Promise<{ meter: Meter; server: Peer; port: number }> {
  const port = await freePort();
  const server = await Peer.start(t, null, 'line-server', 'rs1', String(port));
  return { meter: await Meter.start(t, { namespace: null, host: '127.0.0.1', port, connections: 20 }), server, port };
}

test('nothing happens: all requests are answered, and all connections live', async (t) => {
  const { meter } = await start(t);
  const { failed, gap, requests, long } = await meter.during(() => sleep(300));
  assert.deepEqual({ failed, gap }, { failed: 0, gap: 0 });
  assert.ok(requests > 0);
  assert.deepEqual({ ...long, longestWait: 0 }, { opened: 20, survived: 20, longestWait: 0 });
});

test('a server that dies takes its connections along; who comes in its place is asked', async (t) => {
  const { meter, server, port } = await start(t);
  const { failed, gap, failures, long } = await meter.during(async () => {
    await server.kill();
    await sleep(300);
    await Peer.start(t, null, 'line-server', 'rs2', String(port));
    await sleep(300);
  });
  assert.ok(failed > 0 && gap >= 20, `${failed} failed, gap ${gap} ms`);
  assert.ok(
    Object.keys(failures).some((failure) => failure.includes('ECONNREFUSED')),
    JSON.stringify(failures),
  );
  assert.equal(long.survived, 0);
});
