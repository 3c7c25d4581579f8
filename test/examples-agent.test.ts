import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runProbe } from '../src/probes/run.js';
import { checkOf } from './helpers/check.js';
import { until } from './helpers/deadline.js';
import { freePort } from './helpers/free-port.js';
import { lacks } from './helpers/programs.js';
import { repository } from './helpers/repository.js';
import { temporaryDirectory } from './helpers/temporary-directory.js';

test('the agent of the examples says a share, and drains by a file', { skip: lacks('python3') }, async (t) => {
  const drain = join(await temporaryDirectory(t), 'agent.drain');
  const port = await freePort();
  const agent = spawn('python3', [`${repository}examples/agent.py`, String(port), drain], { stdio: 'ignore' });
  t.after(async () => {
    if (agent.exitCode !== null) return;
    agent.kill();
    await once(agent, 'exit');
  });
  const check = checkOf({ type: 'agent-tcp', service: 'none', port });
  const said = async (): Promise<string> => (await runProbe(check, 'connect')).reason;
  await until('it answers', async () => /^ready (?:[1-9]0|100)%$/.test(await said()));
  await writeFile(drain, 'kernel update\n');
  assert.equal(await said(), 'drain #kernel update');
  await rm(drain);
  assert.match(await said(), /^ready \d+%$/);
});
