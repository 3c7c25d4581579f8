import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { freePort } from '../helpers/free-port.js';
import { Instances } from '../helpers/instance.js';
import { cli } from '../helpers/process.js';

/** Milliseconds. */
const patience = 60_000;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An instance with settings, of which no command line says the backend unless it is given here. */
async function director(t: TestContext, text: string) {
  const instances = await Instances.open(t);
  const web = await instances.create('web.cf', text);
  const set = (settings: string): Promise<void> => writeFile(join(instances.folder, 'ldirectord.ini'), settings);
  const run = (...words: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const options = { env: instances.environment, timeout: patience };
      execFile(process.execPath, [cli, ...words], options, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  return { web, set, run };
}

// The first line of a file is its log's.
const marked = 'virtual=7\n\treal=10.0.0.1:80 masq\n\tchecktype=on\n';
const refusal = /web\.cf:2:1: warning: the userspace backend will refuse this virtual service: .*\[backend-refuses\]/;

test('the settings say the backend, and check says beforehand what it cannot do, unless the command line says another', async (t) => {
  const { web, set, run } = await director(t, marked);
  await set('backend = userspace\n');
  const { code, stdout } = await run(web.file, 'check');
  assert.match(stdout, refusal);
  assert.equal(code, 0);
  assert.doesNotMatch((await run('--backend', 'kernel', web.file, 'check')).stdout, /backend-refuses/);
  await set('');
  assert.doesNotMatch((await run(web.file, 'check')).stdout, /backend-refuses/);
  assert.match((await run('--backend', 'userspace', web.file, 'check')).stdout, refusal);
  await set('backend = nowhere\n');
  assert.match((await run(web.file, 'check')).stdout, /ini:1:11: warning: must be auto, kernel, userspace, memory/);
});

test('the daemon takes the backend of the settings, and another one counts at the next start', async (t) => {
  const port = await freePort();
  const { web, set, run } = await director(t, `virtual=127.0.0.1:${port}\n\treal=127.0.0.1:9 masq\n\tchecktype=on\n`);
  const backend = async (): Promise<unknown> => JSON.parse((await run(web.file, 'list', '--json')).stdout).backend;
  await set('backend = memory\n');
  assert.equal((await run(web.file, 'start')).code, 0);
  assert.equal(await backend(), 'memory');
  assert.doesNotMatch((await run(web.file, 'reload')).stderr, /next-start/);

  await set('loglevel = info\nbackend = userspace\n');
  const told =
    /ldirectord\.ini:2:11: warning: the memory backend holds the table until the daemon ends.*\[next-start\]/;
  for (const verb of ['reload', 'reload']) {
    const { code, stderr } = await run(web.file, verb);
    assert.match(stderr, told);
    assert.equal(code, 0, stderr);
  }
  await web.logged(/the memory backend holds the table until the daemon ends/);
  assert.equal(await backend(), 'memory');

  assert.equal((await run(web.file, 'restart')).code, 0);
  assert.equal(await backend(), 'userspace');
  await web.write(`${marked}virtual=127.0.0.1:${port}\n\treal=127.0.0.1:9 masq\n\tchecktype=on\n`);
  const plan = await run(web.file, 'plan');
  assert.match(plan.stderr, refusal);
  assert.match(plan.stdout, /\+ fwm 7/);
  assert.match((await run(web.file, 'plan', '--empty')).stderr, refusal);
  assert.match((await run(web.file, 'reload')).stderr, refusal);
  assert.equal((await run(web.file, 'stop')).code, 0);

  // Who gave the backend on the command line hears nothing of what the settings say.
  assert.equal((await run('--backend', 'memory', web.file, 'start')).code, 0);
  assert.equal(await backend(), 'memory');
  assert.doesNotMatch((await run(web.file, 'reload')).stderr, /next-start/);
  assert.equal((await run(web.file, 'stop')).code, 0);
});
