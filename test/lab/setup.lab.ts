/** From bare machines to balanced requests by nothing but our own commands, and back. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cli, Program } from '../helpers/process.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { Client, tally } from './inside/client.js';
import { ip, run, runIn } from './inside/command.js';
import { startOurs, stop } from './inside/controllers.js';
import { eventually } from './inside/eventually.js';
import { addBridge, addNamespace, directorAddress, plug, realAddresses, virtualAddress } from './inside/networks.js';
import { Peer } from './inside/peer.js';
import { differences, snapshot } from './inside/snapshot.js';
import { weights } from './inside/table.js';

const names = ['rs1', 'rs2'] as const;

/** Links, addresses and routes, as an administrator finds them; the service's address is the director's already. */
async function bareNetwork(t: TestContext): Promise<void> {
  for (const name of ['client', ...names]) await addNamespace(t, name);
  await addBridge(t, 'front', ['172.20.0.1/16', `${virtualAddress}/32`]);
  await addBridge(t, 'back', [`${directorAddress}/24`]);
  await plug('client', 'front', '172.20.0.10/16');
  for (const name of names) {
    await plug(name, 'back', `${realAddresses[name]}/24`);
    await ip(`route add default via ${directorAddress}\n`, name);
  }
}

async function setup(file: string, ...args: string[]): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [cli, file, 'setup', ...args], { timeout: 120_000 }, (error, out, err) => {
      resolve({ status: error === null ? 0 : (child.exitCode ?? -1), text: `${out}${err}` });
    });
  });
}

test('nat: a bare director is set up, balances, and is as before after the undo', async (t) => {
  await bareNetwork(t);
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'nat.cf');
  await writeFile(
    file,
    `checkinterval=1
virtual=${virtualAddress}:80
	real=${realAddresses.rs1}:80 masq
	real=${realAddresses.rs2}:80 masq
	service=http
	request="/alive"
	scheduler=rr
`,
  );
  const [client] = await Promise.all([
    Client.start(t, 'client', `http://${virtualAddress}/`),
    ...names.map((name) => Peer.start(t, name, 'web-server', name, '0.0.0.0')),
  ]);
  const before = await snapshot();

  const shown = await setup(file);
  assert.equal(shown.status, 4, shown.text);
  assert.match(shown.text, /^sysctl -w net\.ipv4\.ip_forward=1$/m);
  assert.deepEqual(differences(before, await snapshot()), []);
  const applied = await setup(file, '--apply');
  assert.equal(applied.status, 0, applied.text);
  const again = await setup(file);
  assert.deepEqual([again.status, again.text], [0, 'nothing to do\n']);

  const ours = await startOurs(t, file);
  await eventually('both stand', () => [...weights().values()].some((servers) => servers.size === 2));
  assert.deepEqual(tally(await client.ask(8)), { rs1: 4, rs2: 4 });
  await stop(ours);

  const undone = await setup(file, '--undo');
  assert.equal(undone.status, 0, undone.text);
  assert.deepEqual(differences(before, await snapshot()), []);
  assert.match((await setup(file, '--undo')).text, /nothing was set up/);
});

const methods = {
  dr: { forward: 'gate', commands: [/^ip address add 172\.20\.0\.24\/32 dev lo$/m] },
  tun: { forward: 'ipip', commands: [/^ip link set tunl0 up$/m, /^ip address add 172\.20\.0\.24\/32 dev tunl0$/m] },
} as const;

for (const [method, { forward, commands }] of Object.entries(methods)) {
  test(`${method}: bare real servers are set up over SSH, serve, and are as before after the undo`, async (t) => {
    // Namespaces share the kernel's modules: who unloads one takes the tunnels of all others along.
    if (method === 'tun') await run('modprobe', 'ipip');
    await bareNetwork(t);
    const directory = await temporaryDirectory(t);
    const file = join(directory, 'web.cf');
    const real = (name: (typeof names)[number]) => `\treal=${realAddresses[name]}:80 ${forward}\n`;
    await writeFile(
      file,
      `checkinterval=1\nvirtual=${virtualAddress}:80\n${names.map(real).join('')}\tservice=http\n\trequest="/alive"\n\tscheduler=rr\n`,
    );
    await loginTo(t, directory);
    const [client] = await Promise.all([
      Client.start(t, 'client', `http://${virtualAddress}/`),
      ...names.map((name) => Peer.start(t, name, 'web-server', name, '0.0.0.0')),
    ]);
    // A tunnel that was up once keeps the settings of IPv6 that it got then.
    if (method === 'tun') for (const name of names) await ip('link set tunl0 up\nlink set tunl0 down\n', name);
    const machines = [null, ...names];
    const before = await Promise.all(machines.map((name) => snapshot(name)));

    const shown = await setup(file, '--real');
    assert.equal(shown.status, 4, shown.text);
    for (const command of commands) assert.match(shown.text, command);
    const applied = await setup(file, '--real', '--apply');
    assert.equal(applied.status, 0, applied.text);
    const again = await setup(file, '--real');
    assert.deepEqual([again.status, again.text], [0, 'nothing to do\n']);

    const ours = await startOurs(t, file);
    await eventually('both stand', () => [...weights().values()].some((servers) => servers.size === 2));
    assert.deepEqual(tally(await client.ask(8)), { rs1: 4, rs2: 4 });
    await stop(ours);

    const undone = await setup(file, '--undo');
    assert.equal(undone.status, 0, undone.text);
    for (const [index, name] of machines.entries()) {
      assert.deepEqual(differences(before[index] ?? [], await snapshot(name)), [], `${name}`);
    }
  });
}

/** Servers of SSH on the real servers, with one key of the host's and one of root's. */
async function loginTo(t: TestContext, directory: string): Promise<void> {
  for (const name of ['host', 'root']) {
    await run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(directory, name));
  }
  const hostKey = (await readFile(join(directory, 'host.pub'), 'utf8')).split(' ').slice(0, 2).join(' ');
  await writeFile(join(directory, 'known_hosts'), names.map((name) => `${realAddresses[name]} ${hostKey}\n`).join(''));
  await writeFile(
    join(directory, 'ldirectord.ini'),
    `[ssh]\nkey = ${join(directory, 'root')}\nknownhosts = ${join(directory, 'known_hosts')}\n`,
  );
  await mkdir('/run/sshd', { recursive: true });
  for (const name of names) {
    const options = [
      `HostKey=${join(directory, 'host')}`,
      `AuthorizedKeysFile=${join(directory, 'root.pub')}`,
      ...['PermitRootLogin=yes', 'StrictModes=no', 'UsePAM=no', 'PidFile=none'],
    ].flatMap((option) => ['-o', option]);
    const program = new Program(t, 'ip', [
      'netns',
      'exec',
      name,
      '/usr/sbin/sshd',
      '-D',
      '-f',
      '/dev/null',
      ...options,
    ]);
    await eventually(`sshd listens on ${name}`, async () => {
      assert.equal(program.child.exitCode, null, program.text);
      return (await runIn(name, 'ss', '-Hltn', 'sport = :22')) !== '';
    });
  }
}

test('killed while it applies, what it has done is taken back', async (t) => {
  await bareNetwork(t);
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'killed.cf');
  await writeFile(file, `virtual=${virtualAddress}:80\n\treal=${realAddresses.rs1}:80 masq\n`);
  const before = await snapshot();
  for (let kill = 0; kill < 3; kill += 1) {
    const child = execFile(process.execPath, [cli, file, 'setup', '--apply']);
    await new Promise<void>((resolve) => child.stdout?.once('data', () => setTimeout(resolve, kill * 60)));
    child.kill('SIGKILL');
    const undone = await setup(file, '--undo');
    assert.equal(undone.status, 0, undone.text);
    assert.deepEqual(differences(before, await snapshot()), []);
  }
});
