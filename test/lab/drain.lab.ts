/** A drain, and a plan, in a real table under a client that goes on. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cli, Program } from '../helpers/process.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { Client, tally } from './inside/client.js';
import { run } from './inside/command.js';
import { eventually } from './inside/eventually.js';
import { buildNetwork, realAddresses, virtualAddress } from './inside/networks.js';
import { Peer } from './inside/peer.js';
import { savedRules } from './inside/table.js';
import { type Asked, ask } from './inside/verbs.js';

const expireQuiescentTemplate = '/proc/sys/net/ipv4/vs/expire_quiescent_template';
const service = `-t ${virtualAddress}:80`;

/** A configuration that runs, and a way to command it. */
async function director(t: TestContext, text: string) {
  // Before the folder goes, which has the pid file in it.
  t.after(() => verb('stop'));
  const folder = await temporaryDirectory(t);
  const file = join(folder, 'lab.cf');
  const write = (body: string): Promise<void> => writeFile(file, `logfile="${folder}/log"\n${body}`);
  await write(text);
  const verb = (...words: string[]): Promise<Asked> => ask(folder, file, ...words);
  assert.equal((await verb('start')).code, 0);
  const begin = (...words: string[]): Program =>
    new Program(t, process.execPath, [cli, file, ...words], { ...process.env, LDIRECTORD_RUN_DIR: folder });
  return { write, verb, begin };
}

function configuration(weights: Readonly<Record<'rs1' | 'rs2', number>>, more = ''): string {
  const reals = (['rs1', 'rs2'] as const).map((name) => `\treal=${realAddresses[name]}:80 masq ${weights[name]}\n`);
  return `checkinterval=1\nvirtual=${virtualAddress}:80\n${reals.join('')}\tservice=http\n\tscheduler=wrr\n${more}`;
}

async function servers(t: TestContext): Promise<void> {
  await buildNetwork(t, 'nat');
  for (const name of ['rs1', 'rs2']) await Peer.start(t, name, 'web-server', name, '0.0.0.0');
}

async function tableIs(...rules: readonly string[]): Promise<void> {
  const wanted = rules.toSorted().join('\n');
  await eventually(`the table is\n${wanted}`, async () => (await savedRules()).join('\n') === wanted);
}

function rules(weights: Readonly<Record<'rs1' | 'rs2', number>>): string[] {
  const of = (name: 'rs1' | 'rs2') => `-a ${service} -r ${realAddresses[name]}:80 -m -w ${weights[name]}`;
  return [`-A ${service} -s wrr`, of('rs1'), of('rs2')];
}

test('a drain under a steady client with long connections, and a restart in the middle', async (t) => {
  await servers(t);
  const { verb, begin } = await director(t, configuration({ rs1: 1, rs2: 1 }));
  await tableIs(...rules({ rs1: 1, rs2: 1 }));
  const url = `http://${virtualAddress}/`;
  const [steady, ...holders] = await Promise.all(Array.from({ length: 5 }, () => Client.start(t, 'client', url)));
  assert.ok(steady);
  const held = await Promise.all(holders.map(async (client) => ({ client, from: (await client.hold()).from })));
  const names = new Set(held.map(({ from }) => from));
  assert.deepEqual([...names].toSorted(), ['rs1', 'rs2']);
  const server = `${realAddresses.rs1}:80`;

  const patient: Program[] = [];
  const answers = await steady.during(async () => {
    const drained = await verb('drain', server);
    assert.equal(drained.code, 0, drained.stderr);
    assert.deepEqual(await savedRules(), rules({ rs1: 0, rs2: 1 }).toSorted(), 'when it answers the table has it');
    const impatient = await verb('drain', server, '--wait', '--timeout', '1');
    assert.equal(impatient.code, 1, impatient.stdout);
    assert.match(impatient.stderr, /active connections? left; it stays drained/);
    const waits = begin('drain', server, '--wait', '--timeout', '2m');
    patient.push(waits);
    await eventually('it waits', () => waits.text.includes('drained'));
    assert.equal((await verb('restart')).code, 0);
    assert.deepEqual(await savedRules(), rules({ rs1: 0, rs2: 1 }).toSorted(), 'a restart forgets it not');
    for (const { client, from } of held) {
      const again = await client.hold();
      assert.deepEqual([again.from, again.reused, again.error], [from, true, undefined]);
    }
  });
  const from = tally(answers);
  assert.deepEqual(
    Object.keys(from).filter((name) => name.startsWith('failed')),
    [],
    JSON.stringify(from),
  );
  assert.deepEqual(Object.keys(tally(await steady.ask(5))), ['rs2'], 'new connections go elsewhere');

  // The long connections to it end with their clients; the drain that waits ends with the last.
  for (const { client, from: name } of held) if (name === 'rs1') await client.end();
  assert.equal(patient.length, 1);
  for (const waits of patient) assert.equal(await waits.exit, 0, waits.text);
  assert.equal((await verb('undrain', server)).code, 0);
  await tableIs(...rules({ rs1: 1, rs2: 1 }));
  // Those to the other one would be active for a quarter of an hour, and be counted when it comes into a table again.
  for (const { client, from: name } of held) if (name === 'rs2') await client.end();
});

test('a drain of a persistent service: who still comes is told and counted, until the kernel lets them go', async (t) => {
  await servers(t);
  const { verb, begin } = await director(t, configuration({ rs1: 1, rs2: 1 }, '\tpersistent=600\n'));
  await writeFile(expireQuiescentTemplate, '0');
  t.after(() => writeFile(expireQuiescentTemplate, '0'));
  await eventually('both stand', async () => (await savedRules()).length === 3);
  const client = await Client.start(t, 'client', `http://${virtualAddress}/`);
  const [first] = await client.ask(1);
  assert.ok(first?.from === 'rs1' || first?.from === 'rs2');
  const server = `${realAddresses[first.from]}:80`;

  const drained = await verb('drain', server, '--wait', '--timeout', '1');
  assert.equal(drained.code, 1, drained.stdout);
  assert.match(drained.stderr, /persistent clients of 172\.20\.0\.24:80 still come to it: set sysctl net\.ipv4\.vs\./);
  assert.match(drained.stderr, /1 persistent client left; it stays drained$/m);
  assert.deepEqual(Object.keys(tally(await client.ask(2))), [first.from], 'as the kernel is set');

  const waits = begin('drain', server, '--wait', '--timeout', '2m');
  await eventually('it waits', () => waits.text.includes('drained'));
  await writeFile(expireQuiescentTemplate, '1');
  assert.equal(await waits.exit, 0, waits.text);
  assert.match(waits.text, /no active connection is left$/);
  const other = first.from === 'rs1' ? 'rs2' : 'rs1';
  assert.deepEqual(Object.keys(tally(await client.ask(2))), [other]);
});

test('a plan and the reload after it: the table becomes what the plan’s commands make of it', async (t) => {
  await servers(t);
  const { verb, write } = await director(t, configuration({ rs1: 1, rs2: 1 }));
  await tableIs(...rules({ rs1: 1, rs2: 1 }));
  const changed = `${configuration({ rs1: 5, rs2: 1 }).replace(/\treal=\S+ masq 1\n/, '')}\tpersistent=300\n\tnetmask=255.255.255.0\nvirtual=7\n\treal=${realAddresses.rs2}:80 masq 3\n\tchecktype=on\n\tscheduler=wlc\n`;
  await write(changed);
  const before = await savedRules();
  const plan = await verb('plan', '--ipvsadm');
  assert.equal(plan.code, 4, plan.stderr);
  assert.deepEqual(await savedRules(), before, 'a plan changes nothing');
  assert.equal((await verb('reload')).code, 0);
  const nothing = await verb('plan', '--ipvsadm');
  assert.deepEqual([nothing.code, nothing.stdout], [0, '']);
  const after = await savedRules();
  assert.notDeepEqual(after, before);
  assert.equal((await verb('stop')).code, 0);

  // The same by the commands of the plan, on the table as it was.
  await run('ipvsadm', '-C');
  for (const rule of before.toSorted()) await run('ipvsadm', ...rule.split(' '));
  for (const command of plan.stdout.trim().split('\n')) await run('ipvsadm', ...command.split(' ').slice(1));
  assert.deepEqual(await savedRules(), after);

  // Without a daemon a plan is made against the kernel's table.
  const standing = await verb('plan', '--ipvsadm');
  assert.deepEqual([standing.code, standing.stdout], [0, '']);
  await run('ipvsadm', '-C');
});
