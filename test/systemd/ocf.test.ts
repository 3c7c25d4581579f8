import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { freePort } from '../helpers/free-port.js';
import { type Instance, Instances } from '../helpers/instance.js';
import { cli } from '../helpers/process.js';
import { lacks } from '../helpers/programs.js';
import { repository } from '../helpers/repository.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const run = promisify(execFile);
const agent = `${repository}systemd/ldirectord.ocf`;
const definition = '/usr/share/resource-agents/ra-api-1.dtd';

interface Node {
  readonly web: Instance;
  readonly environment: NodeJS.ProcessEnv;
  /** The agent's exit status. */
  readonly act: (action: string) => Promise<number>;
}

/** The program installed on a node of a cluster, with a configuration. */
async function node(t: TestContext): Promise<Node> {
  const instances = await Instances.open(t);
  const web = await instances.create(
    'web.cf',
    `virtual=127.0.0.1:${await freePort()}\n\treal=127.0.0.1:9 masq\n\tchecktype=on\n`,
  );
  const program = join(instances.folder, 'ldirectord');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${cli}' --backend userspace "$@"\n`);
  await chmod(program, 0o755);
  const parameters = { OCF_RESKEY_configfile: web.file, OCF_RESKEY_ldirectord: program };
  const environment = { ...instances.environment, ...parameters };
  const act = (action: string): Promise<number> =>
    run(agent, [action], { env: environment, timeout: 60_000 }).then(
      () => 0,
      (error: { code: number }) => error.code,
    );
  return { web, environment, act };
}

test('start, monitor and stop, each also when there is nothing to do', async (t) => {
  const { act } = await node(t);
  const expected: [string, number][] = [
    ['monitor', 7],
    ['stop', 0],
    ['validate-all', 0],
    ['reload', 1],
    ['start', 0],
    ['start', 0],
    ['monitor', 0],
    ['status', 0],
    ['reload', 0],
    ['stop', 0],
    ['monitor', 7],
    ['dance', 3],
  ];
  for (const [action, code] of expected) assert.equal(await act(action), code, action);
});

test('a file that is turned down is a fault of this node alone, and no reason to restart what runs', async (t) => {
  const { web, act } = await node(t);
  assert.equal(await act('start'), 0);
  const pid = await web.pid();
  await web.write('bogus=1\n');
  assert.equal(await act('reload'), 190);
  assert.equal(await act('monitor'), 0);
  assert.equal(await web.pid(), pid);
  assert.equal(await act('stop'), 0);
  for (const action of ['validate-all', 'start']) assert.equal(await act(action), 5, action);
});

test('another file of the same last component is another resource', async (t) => {
  const { web, environment, act } = await node(t);
  assert.equal(await act('start'), 0);
  const pid = await web.pid();
  const other = join(dirname(web.file), 'other');
  await mkdir(other);
  await copyFile(web.file, join(other, 'web.cf'));
  environment['OCF_RESKEY_configfile'] = join(other, 'web.cf');
  for (const [action, code] of [
    ['monitor', 7],
    ['start', 1],
    ['reload', 1],
    ['stop', 0],
  ] as const) {
    assert.equal(await act(action), code, action);
  }
  assert.equal(await web.pid(), pid);
  const link = join(dirname(web.file), 'link');
  await symlink(dirname(web.file), link);
  environment['OCF_RESKEY_configfile'] = join(link, 'web.cf');
  assert.equal(await act('monitor'), 0, 'the same by another way');
  assert.equal(await act('stop'), 0);
  assert.equal(await web.pid(), null);
});

test('a daemon that hangs has failed, and is killed where it is to stop', async (t) => {
  const { web, environment, act } = await node(t);
  assert.equal(await act('start'), 0);
  process.kill((await web.pid()) ?? assert.fail(), 'SIGSTOP');
  environment['OCF_RESKEY_CRM_meta_timeout'] = '1000';
  assert.equal(await act('monitor'), 1);
  assert.equal(await act('stop'), 0);
  assert.equal(await web.pid(), null);
  assert.equal(await act('monitor'), 7);
});

test('a start returns once it could take over, and a monitor that looks deeper says whether it could', async (t) => {
  const { web, environment, act } = await node(t);
  environment['OCF_CHECK_LEVEL'] = '10';
  assert.equal(await act('monitor'), 7);
  assert.equal(await act('start'), 0);
  assert.equal(await act('monitor'), 0);
  assert.equal(await act('stop'), 0);
  // A check that is never over.
  const silent = createServer((socket) => socket.on('error', () => {}));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  await web.write(
    `checktimeout=600\nnegotiatetimeout=600\nvirtual=127.0.0.1:${await freePort()}\n\treal=127.0.0.1:${port} masq\n\tservice=http\n`,
  );
  assert.equal(await act('start'), 0, 'it has started all the same');
  assert.equal(await act('monitor'), 190);
  environment['OCF_CHECK_LEVEL'] = '0';
  assert.equal(await act('monitor'), 0);
  assert.equal(await act('stop'), 0);
});

test('a daemon without a control socket cannot be asked, and counts as well', async (t) => {
  const { web, act } = await node(t);
  await writeFile(join(dirname(web.file), 'ldirectord.ini'), 'control = no\n');
  assert.equal(await act('start'), 0);
  assert.equal(await act('monitor'), 0);
  assert.equal(await act('stop'), 0);
});

test('a daemon that died is not running, and is started again', async (t) => {
  const { web, act } = await node(t);
  assert.equal(await act('start'), 0);
  process.kill((await web.pid()) ?? assert.fail(), 'SIGKILL');
  assert.equal(await act('monitor'), 7);
  assert.equal(await act('start'), 0);
  assert.equal(await act('stop'), 0);
});

test('where the program is not there, it does not run', async (t) => {
  const { environment, act } = await node(t);
  environment['OCF_RESKEY_ldirectord'] = '/nowhere/ldirectord';
  for (const [action, code] of [
    ['monitor', 7],
    ['stop', 0],
    ['start', 5],
    ['validate-all', 5],
  ] as const) {
    assert.equal(await act(action), code, action);
  }
});

const noDefinition = lacks('xmllint') || (existsSync(definition) ? false : `${definition} is not there`);

test('the meta-data are as the API demands', { skip: noDefinition }, async (t) => {
  const { stdout } = await run(agent, ['meta-data'], { timeout: 60_000 });
  const file = join(await temporaryDirectory(t), 'meta-data.xml');
  await writeFile(file, stdout);
  await run('xmllint', ['--noout', '--nowarning', '--dtdvalid', definition, file], { timeout: 60_000 });
});

test('ocf-tester passes it', { skip: lacks('ocf-tester') }, async (t) => {
  const { environment } = await node(t);
  const parameters = ['configfile', 'ldirectord'].flatMap((name) => [
    '-o',
    `${name}=${environment[`OCF_RESKEY_${name}`]}`,
  ]);
  const args = ['-n', 'ldirectord', ...parameters, agent];
  const { stdout } = await run('ocf-tester', args, { env: environment, timeout: 120_000 });
  assert.match(stdout, /passed all tests/);
});
