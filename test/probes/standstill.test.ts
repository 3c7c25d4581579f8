import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { runProbe } from '../../src/probes/run.js';
import { stoodStill } from '../../src/probes/standstill.js';
import { brief, checkOf } from '../helpers/check.js';

/** In a thread of its own, which goes on while this one stands still. */
async function mailServer(t: TestContext, greeting: string): Promise<number> {
  const program = `
    const { parentPort, workerData } = require('node:worker_threads');
    const server = require('node:net').createServer((socket) => {
      socket.on('error', () => {}).write(workerData);
      socket.on('data', (data) => socket.write(String(data).startsWith('QUIT') ? '221 bye\\r\\n' : '250 test\\r\\n'));
    });
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`;
  const worker = new Worker(program, { eval: true, workerData: greeting });
  t.after(() => worker.terminate());
  const [port] = (await once(worker, 'message')) as [number];
  return port;
}

function standStill(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test('time for which the thread stood still is given again, and what the server said is read', async (t) => {
  const check = checkOf({ service: 'smtp', port: await mailServer(t, '220 test\r\n'), negotiateTimeout: brief });
  // Its code is loaded.
  assert.equal((await runProbe({ ...check, negotiateTimeout: 30_000 }, 'negotiate')).ok, true);
  const before = stoodStill();
  const running = runProbe(check, 'negotiate');
  standStill(3 * brief);
  assert.ok(stoodStill() - before >= 2 * brief);
  const { ok, reason } = await running;
  assert.equal(ok, true, reason);
});

test('a server that says nothing is down all the same', async (t) => {
  const check = checkOf({ service: 'smtp', port: await mailServer(t, ''), negotiateTimeout: brief });
  const running = runProbe(check, 'negotiate');
  standStill(3 * brief);
  const { ok, reason } = await running;
  assert.equal(ok, false);
  assert.match(reason, /not done within 0\.4 s$/);
});
