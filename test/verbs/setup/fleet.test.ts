/** `setup` on many real servers over SSH, by a user who becomes root by sudo, and when somebody interrupts it. */

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { until } from '../../helpers/deadline.js';
import { ownNetwork } from '../../helpers/own-network.js';
import { cli, Program } from '../../helpers/process.js';
import { passwords, type SudoRule } from '../../helpers/servers/login-sshd.js';
import { type FleetMachine, type SshFleet, sshFleetMissing, startSshFleet } from '../../helpers/ssh-fleet.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

const skip = sshFleetMissing || ownNetwork();
const virtual = '203.0.113.10';
const patience = 180_000;

interface Scene {
  readonly fleet: SshFleet;
  /** Those whose loopback has the virtual address. */
  setUpOnes(): Promise<readonly string[]>;
  /** What is otherwise there that a set-up could change. */
  states(): Promise<readonly string[]>;
  begin(...args: readonly string[]): Program;
  setup(...args: readonly string[]): Promise<{ readonly status: number | null; readonly text: string }>;
  /** Of whom the journal has something; null where there is none. */
  journal(): Promise<readonly (string | null)[] | null>;
  readonly directory: string;
}

async function scene(t: TestContext, count: number, sudo: SudoRule, ...settings: readonly string[]): Promise<Scene> {
  const directory = await temporaryDirectory(t);
  const fleet = await startSshFleet(t, directory, count, sudo);
  const { machines } = fleet;
  const file = join(directory, 'web.cf');
  // With quiescent the director needs nothing but its modules.
  const reals = machines.map(({ address }) => `\treal=${address}:80 gate\n`).join('');
  await writeFile(file, `quiescent=yes\nvirtual=${virtual}:80\n${reals}`);
  await writeFile(join(directory, 'ldirectord.ini'), `[ssh]\n${[...fleet.settings, ...settings].join('\n')}\n`);
  // Which are loaded there, as far as this run can see.
  const modules = ['ip_vs', 'ip_vs_wrr'].map((name) => `/sys/module/${name}`).join(' ');
  const command = ['--mount', 'sh', '-ec', `mount -t tmpfs none /sys/module; mkdir ${modules}; exec "$@"`, 'sh'];
  const environment = { ...process.env, LDIRECTORD_RUN_DIR: directory };
  const begin = (...args: readonly string[]): Program =>
    new Program(t, 'unshare', [...command, process.execPath, cli, file, 'setup', '--real', ...args], environment);
  const ask = (what: string) => Promise.all(machines.map((machine) => machine.run(what)));
  return {
    fleet,
    directory,
    begin,
    async setup(...args) {
      const program = begin(...args);
      return { status: await program.exit, text: program.text };
    },
    async setUpOnes() {
      const found = await ask('ip -o address show dev lo');
      return machines.flatMap(({ address }: FleetMachine, index) => (found[index]?.includes(virtual) ? address : []));
    },
    states: () => ask('ip -j -4 address; sysctl -n net.ipv4.conf.all.arp_ignore net.ipv4.conf.all.arp_announce'),
    async journal() {
      const text = await readFile(join(directory, 'ldirectord.web.cf.setup'), 'utf8').catch(() => null);
      if (text === null) return null;
      return (JSON.parse(text) as { entries: { server: string | null }[] }).entries.map(({ server }) => server);
    },
  };
}

const free = 'ALL=(root) NOPASSWD: /bin/sh';

test('fifty real servers are set up and taken back, by sudo', { skip }, async (t) => {
  const { fleet, setup, setUpOnes, states, journal } = await scene(t, 50, free);
  const all = fleet.machines.map(({ address }) => address);
  const before = await states();
  const shown = await setup();
  assert.equal(shown.status, 4, shown.text);
  assert.deepEqual(await states(), before);
  const applied = await setup('--apply');
  assert.equal(applied.status, 0, applied.text);
  for (const address of all) assert.ok(applied.text.includes(`setup: ${address}: done`), address);
  assert.deepEqual(await setUpOnes(), all);
  assert.deepEqual((await journal())?.toSorted(), all.toSorted());
  assert.deepEqual(await setup('--apply'), { status: 0, text: 'nothing to do' });
  const undone = await setup('--undo');
  assert.equal(undone.status, 0, undone.text);
  assert.deepEqual(await states(), before);
  assert.equal(await journal(), null);
});

test('sudo with a password; with a wrong one nothing is changed, and neither is told', { skip }, async (t) => {
  const wrong = 'wrong-horse-7419';
  const secret = join(await temporaryDirectory(t), 'password');
  const { fleet, setup, setUpOnes, states, journal } = await scene(
    t,
    4,
    'ALL=(root) /bin/sh',
    `sudopasswordfile=${secret}`,
  );
  const before = await states();
  await writeFile(secret, wrong, { mode: 0o600 });
  const refused = await setup('--apply');
  assert.equal(refused.status, 1);
  for (const { address } of fleet.machines) {
    assert.match(refused.text, new RegExp(`setup: ${address}: failed, and .*sudo does not take the password`));
  }
  assert.deepEqual(await states(), before);
  await writeFile(secret, passwords.admin);
  const applied = await setup('--apply');
  assert.equal(applied.status, 0, applied.text);
  assert.equal((await setUpOnes()).length, 4);
  const undone = await setup('--undo');
  assert.equal(undone.status, 0, undone.text);
  assert.deepEqual(await states(), before);
  assert.equal(await journal(), null);
  for (const { text } of [refused, applied, undone]) {
    assert.ok(!text.includes(wrong) && !text.includes(passwords.admin));
  }
});

test('interrupted once it ends with what has begun; what was done is in the journal, and goes', { skip }, async (t) => {
  const { fleet, begin, setup, setUpOnes, states, journal } = await scene(t, 16, free, 'limit=2');
  const before = await states();
  const program = begin('--apply');
  await until('some are set up', async () => (await setUpOnes()).length >= 3, patience);
  program.child.kill('SIGINT');
  assert.equal(await program.exit, 1);
  assert.match(program.text, /ends with what has begun; once more gives that up, too/);
  const done = await setUpOnes();
  assert.ok(done.length < fleet.machines.length, 'not all of them');
  for (const { address } of fleet.machines) {
    const words = done.includes(address) ? 'done' : 'not begun';
    assert.ok(program.text.includes(`setup: ${address}: ${words}`), `${address} ${words}\n${program.text}`);
  }
  assert.deepEqual((await journal())?.toSorted(), [...done].toSorted());
  const undone = await setup('--undo');
  assert.equal(undone.status, 0, undone.text);
  assert.deepEqual(await states(), before);
  assert.equal(await journal(), null);
});

test('interrupted twice it gives up what has begun; the journal still has it, and it goes', { skip }, async (t) => {
  const { begin, setup, setUpOnes, states, journal } = await scene(t, 16, free, 'limit=2');
  const before = await states();
  const program = begin('--apply');
  await until('some are set up', async () => (await setUpOnes()).length >= 1, patience);
  program.child.kill('SIGINT');
  await program.line(/once more gives that up/);
  program.child.kill('SIGINT');
  assert.equal(await program.exit, 1);
  const left = (await journal()) ?? [];
  for (const address of await setUpOnes()) assert.ok(left.includes(address), `${address}\n${program.text}`);
  const undone = await setup('--undo');
  assert.equal(undone.status, 0, undone.text);
  assert.deepEqual(await states(), before);
  assert.equal(await journal(), null);
});
