import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CheckPool } from '../../src/checks/pool.js';
import type { CheckResult } from '../../src/probes/probe.js';
import { ample, checkOf } from '../helpers/check.js';
import { until } from '../helpers/deadline.js';
import { policyOf } from '../helpers/policy.js';
import { startTcpServer } from '../helpers/tcp-server.js';

test('an agent is asked again and again, and told of when it says something else', async (t) => {
  let line = 'up 50%\n';
  let asked = 0;
  const agent = await startTcpServer((socket) => {
    asked += 1;
    socket.end(line);
  });
  const told: [string, CheckResult][] = [];
  const pool = new CheckPool({
    limits: { workers: 1, inFlight: 10, jitter: 0, descriptors: 1024 },
    onResult: (key, result) => void told.push([key, result]),
    onSums: () => {},
    onReplaced: () => {},
  });
  t.after(async () => {
    await pool.close();
    await agent.close();
  });
  const check = checkOf({ type: 'agent-tcp', service: 'none', port: agent.port, interval: 50, checkTimeout: ample });
  pool.update(new Map([['agent', { check, interest: { policy: policyOf(), every: false } }]]));
  const said = (): string => told.map(([key, { ok, reason }]) => `${key} ${ok} ${reason}`).join('; ');
  const isAskedAgain = async (): Promise<void> => {
    const before = asked;
    await until('it is asked three times more', () => asked >= before + 3);
  };
  await isAskedAgain();
  assert.equal(said(), 'agent true up 50%');
  line = 'drain';
  await until(said, () => told.length === 2);
  await isAskedAgain();
  assert.equal(said(), 'agent true up 50%; agent true drain');
  const passed = pool.passedAt('agent');
  assert.ok(passed !== null && passed > Date.now() - ample);
  await agent.close();
  await until(said, () => told.length === 3);
  assert.match(said(), /; agent false connect: refused \(ECONNREFUSED\)$/);
  const last = pool.passedAt('agent');
  assert.ok(last !== null && last >= passed && last <= Date.now());
});
