import assert from 'node:assert/strict';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Instances } from '../helpers/instance.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const text = 'virtual=127.0.0.1:18080\n\treal=127.0.0.1:18081 masq\n\tchecktype=on\n\tprotocol=udp\n\tservice=none\n';

/** An instance whose state is kept apart from its pid file, as with the units. */
async function rebootable(t: TestContext) {
  const state = join(await temporaryDirectory(t), 'ldirectord');
  await mkdir(state, { mode: 0o700 });
  const instances = await Instances.open(t);
  instances.environment['STATE_DIRECTORY'] = state;
  const instance = await instances.create('web.cf', text);
  /** What a machine that loses power leaves. */
  const reboot = async (): Promise<void> => {
    process.kill((await instance.pid()) ?? assert.fail(), 'SIGKILL');
    const run = (await readdir(instances.folder)).filter((name) => name.startsWith('ldirectord.web.cf.'));
    for (const name of run) await rm(join(instances.folder, name));
    assert.equal((await instance.run('start')).code, 0);
  };
  assert.equal((await instance.run('start')).code, 0);
  return { instance, instances, state, reboot };
}

test('a drain survives a reboot', async (t) => {
  const { instance, state, reboot } = await rebootable(t);
  assert.equal((await instance.ask('drain', '127.0.0.1:18081', '--force')).code, 0);
  await reboot();
  assert.match((await instance.ask('list')).stdout, /127\.0\.0\.1:18081 +drained .* drained by hand/);
  assert.deepEqual(await readdir(state), ['ldirectord.web.cf.orders']);
});
