/** Clients are sent to other directors and come again: the verb, ExaBGP's pipe, and what a restart knows of it. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Status } from '../../src/status/model.js';
import { PipeReader } from '../directors/announce/pipe-reader.js';
import { until } from '../helpers/deadline.js';
import { freePort } from '../helpers/free-port.js';
import { type Instance, Instances } from '../helpers/instance.js';
import { listening } from '../helpers/listener.js';

interface Scene {
  readonly web: Instance;
  readonly reader: PipeReader;
  readonly kill: () => Promise<void>;
}

async function scene(t: TestContext): Promise<Scene> {
  const server = createServer((_, response) => void response.end());
  const [real, port] = [await listening(t, server), await freePort()];
  const instances = await Instances.open(t);
  const pipe = join(instances.folder, 'exabgp.in');
  execFileSync('mkfifo', [pipe]);
  const reader = PipeReader.open(pipe);
  t.after(() => reader.close());
  await writeFile(join(instances.folder, 'ldirectord.ini'), `[announce *]\nby = exabgp ${pipe}\nhold = 0\n`);
  const web = await instances.create(
    'web.cf',
    `virtual=127.0.0.1:${port}\n\treal=127.0.0.1:${real} masq\n\tservice=http\n`,
  );
  const kill = async (): Promise<void> => {
    const pid = await web.pid();
    if (pid !== null) process.kill(pid, 'SIGKILL');
    await until('it is dead', async () => (await web.pid()) === null);
  };
  return { web, reader, kill };
}

test('handover: refused where nobody is ready, then polite, over a death of the director, until it is taken back', async (t) => {
  const { web, reader, kill } = await scene(t);
  assert.equal((await web.run('start')).code, 0);
  const routeIs = (route: string | undefined) =>
    until(
      () => `${JSON.stringify(reader.routes)} has ${route}`,
      () => reader.routes['127.0.0.1'] === route,
    );
  await routeIs('med 100');
  const refused = await web.ask('handover');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /handover: no other director is known to be ready.*--force does it all the same/);
  assert.equal((await web.ask('handover', '--undo')).code, 1);
  const done = await web.ask('handover', '--force', '--reason', 'a new kernel');
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /^127\.0\.0\.1: handed over, as the last way to it \(exabgp .*\)\n$/);
  assert.equal(reader.routes['127.0.0.1'], 'med 500 community [65535:0]', 'it is said when the verb returns');
  const again = await web.ask('handover', '--force');
  assert.deepEqual([again.code, /it was handed over before by .*: a new kernel/.test(again.stderr)], [0, true]);
  await kill();
  assert.equal((await web.run('start')).code, 0);
  const list = await web.ask('list');
  assert.match(list.stdout, /Clients go to other directors by .* ago: a new kernel/);
  assert.match(list.stdout, /, handed over$/m);
  const status = JSON.parse((await web.ask('list', '--json')).stdout) as Status;
  assert.equal(status.handover?.why, 'a new kernel');
  assert.equal(status.virtuals[0]?.announcement?.announced, 'leaving');
  const undone = await web.ask('handover', '--undo');
  assert.match(undone.stdout, /^127\.0\.0\.1: announced \(exabgp .*\)\n$/);
  await routeIs('med 100');
  const log = await web.log();
  assert.match(log, /Clients go to other directors from now on by .*: a new kernel/);
  assert.match(log, /Clients may come to this director again by /);
  assert.equal((await web.run('stop')).code, 0);
  await routeIs(undefined);
});

test('handover --wait: a backend that counts no connections is told, and it is handed over all the same', async (t) => {
  const { web, reader } = await scene(t);
  assert.equal((await web.run('start', '--backend', 'memory')).code, 0);
  await until('it is announced', () => reader.routes['127.0.0.1'] !== undefined);
  const { code, stderr } = await web.ask('handover', '--force', '--wait', '--timeout', '5s');
  assert.equal(code, 1);
  assert.match(stderr, /this backend counts no connections/);
  assert.equal(reader.routes['127.0.0.1'], 'med 500 community [65535:0]');
});

test('handover --wait: the embedded balancer counts them, and the verb returns once few come', async (t) => {
  const { web, reader } = await scene(t);
  assert.equal((await web.run('start')).code, 0);
  await until('it is announced', () => reader.routes['127.0.0.1'] !== undefined);
  const { code, stdout } = await web.ask('handover', '--force', '--wait');
  assert.equal(code, 0);
  assert.match(stdout, /^no new connection comes$/m);
});

test('what the command line of it cannot mean is said', async (t) => {
  const { web } = await scene(t);
  for (const words of [
    ['now'],
    ['--below', '3'],
    ['--timeout', '3s'],
    ['--wait', '--below', '0'],
    ['--undo', '--wait'],
    ['--undo', '--force'],
  ]) {
    const { code, stderr } = await web.ask('handover', ...words);
    assert.equal(code, 2, words.join(' '));
    assert.match(stderr, /^ldirectord: handover: .*\nTry 'ldirectord handover --help'\.\n$/);
  }
});
