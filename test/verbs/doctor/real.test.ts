import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ownNetwork } from '../../helpers/own-network.js';
import { cli, Program } from '../../helpers/process.js';
import { type SshMachine, sshMachineMissing, startSshMachine } from '../../helpers/ssh-machine.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

const skip = sshMachineMissing || ownNetwork();
const there = '10.9.0.1';
const away = '10.9.0.9';

interface Report {
  readonly machines: readonly {
    readonly machine: string;
    readonly isDirector: boolean;
    readonly findings: readonly { readonly code: string; readonly mend: readonly string[] }[];
  }[];
  readonly status: number;
}

interface Scene {
  readonly t: TestContext;
  readonly file: string;
  readonly machine: SshMachine;
}

/** A service that is taken to the sshd of the machine. */
async function setUp(t: TestContext, servers: readonly string[]): Promise<Scene> {
  const folder = await temporaryDirectory(t);
  const machine = await startSshMachine(t, folder, [there]);
  const file = join(folder, 'web.cf');
  const reals = servers.map((address) => `\treal=${address}:22 masq\n`);
  await writeFile(file, `virtual=192.0.2.1:22\n${reals.join('')}\tchecktype=connect\n`);
  await writeFile(join(folder, 'ldirectord.ini'), `[ssh]\n${machine.settings.join('\n')}\n`);
  return { t, file, machine };
}

async function doctor(
  { t, file }: Scene,
  ...args: string[]
): Promise<{ readonly status: number | null; readonly text: string }> {
  const program = new Program(t, process.execPath, [cli, '--backend', 'memory', file, 'doctor', ...args]);
  const status = await program.exit;
  return { status, text: program.text };
}

/** By the names of the servers. */
async function found(scene: Scene, ...names: string[]): Promise<Record<string, readonly string[]>> {
  const { text, status } = await doctor(scene, '--real', ...names, '--json');
  const report = JSON.parse(text) as Report;
  assert.equal(status, report.status);
  const servers = report.machines.filter(({ isDirector }) => !isDirector);
  return Object.fromEntries(servers.map(({ machine, findings }) => [machine, findings.map(({ code }) => code)]));
}

test('real servers are examined over SSH', { skip }, async (t) => {
  const scene = await setUp(t, [there, away]);
  // Nobody is there: it is not well, and the other is none the worse for it.
  assert.deepEqual(await found(scene), { [there]: [], [away]: ['ssh-unreachable'] });
  assert.deepEqual(await found(scene, there), { [there]: [] });

  await scene.machine.run('ip route del default');
  assert.deepEqual(await found(scene, there), { [there]: ['answers-elsewhere'] });
  const { text, status } = await doctor(scene, '--real', there);
  assert.equal(status, 2);
  assert.match(text, /^10\.9\.0\.1$/m);
  assert.match(text, /what comes from 10\.9\.0\.1, tcp port 22, has no way/);
  // What it says mends it.
  const { machines } = JSON.parse((await doctor(scene, '--real', there, '--json')).text) as Report;
  const mend = machines.flatMap(({ isDirector, findings }) => (isDirector ? [] : findings.flatMap((one) => one.mend)));
  await scene.machine.run(mend.join('\n'));
  assert.deepEqual(await found(scene, there), { [there]: [] });
});

test('names that the file has not, and names without --real, are refused', { skip }, async (t) => {
  const scene = await setUp(t, [there]);
  const other = await doctor(scene, '--real', 'web9');
  assert.equal(other.status, 2);
  assert.match(other.text, /doctor: the file has no real server web9/);
  const without = await doctor(scene, there);
  assert.equal(without.status, 2);
  assert.match(without.text, /takes servers with --real/);
});

test('where nobody can log in anywhere, no server is well', { skip }, async (t) => {
  const scene = await setUp(t, [there]);
  await writeFile(join(scene.file, '../ldirectord.ini'), '[ssh]\nkey=/nonexistent/key\nagent=no\n');
  assert.deepEqual(await found(scene), { [there]: ['ssh-login-impossible'] });
});
