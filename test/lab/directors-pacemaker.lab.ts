/** Two directors with Pacemaker, by the files of `examples/cluster/pacemaker`: what clients notice of their faults. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lacks } from '../helpers/programs.js';
import { ClusterNode, installAgent } from './inside/cluster-node.js';
import { run } from './inside/command.js';
import { eventually } from './inside/eventually.js';
import { powerOff, setCable } from './inside/machines.js';
import { type Meter, measured } from './inside/meter.js';
import { buildPair, Director, lb1, lb2 } from './inside/pair.js';

const skip = lacks('corosync') || lacks('pacemakerd') || lacks('crm');
const files = ['ldirectord.cf', 'ldirectord.ini', 'corosync.conf', 'cluster.crm'] as const;

/** What agents do takes its time on the guest's one slow processor. */
function patient(text: string): string {
  return text.replaceAll(/timeout=(\d+)s/g, (_, seconds) => `timeout=${8 * Number(seconds)}s`);
}

interface Pair {
  readonly meter: Meter;
  readonly active: ClusterNode;
  readonly reserve: ClusterNode;
}

async function startPair(t: TestContext): Promise<Pair> {
  await run('modprobe', 'ip_vs_wlc');
  await installAgent();
  // Pacemaker, corosync and the scripts of agents take much of the guest's one processor.
  const meter = await buildPair(t, { pace: 50, rest: 5_000 });
  const key = randomBytes(256);
  const nodes: ClusterNode[] = [];
  for (const machine of [lb1, lb2]) {
    nodes.push(await ClusterNode.open(t, await Director.of(t, machine, 'pacemaker', files, patient), key));
  }
  const [first, second] = nodes as [ClusterNode, ClusterNode];
  for (const node of nodes) node.start();
  await first.eventually('there is a cluster', async () => {
    const state = await first.run('crm_mon', '-1').catch(() => '');
    return /Current DC: lb/.test(state) && /Online: \[ lb1 lb2 \]/.test(state);
  });
  await first.run('crm', '-F', 'configure', 'load', 'update', join(first.director.folder, 'cluster.crm'));
  for (const node of nodes) await first.eventually('it has its table', () => hasTable(node));
  await first.eventually('one has the address', async () => {
    return (await first.director.holds()) !== (await second.director.holds());
  });
  const [active, reserve] = (await first.director.holds()) ? [first, second] : [second, first];
  await eventually('the active one tells', async () => (await active.director.syncs()) === 'master');
  await eventually('the other one hears', async () => (await reserve.director.syncs()) === 'backup');
  return { meter, active, reserve };
}

async function hasTable({ director }: ClusterNode): Promise<boolean> {
  const table = await run('ip', 'netns', 'exec', director.machine.name, 'ipvsadm', '-Sn');
  return table.split(' -w 1').length === 3;
}

async function isActive({ director }: ClusterNode): Promise<boolean> {
  return (await director.holds()) && (await director.syncs()) === 'master';
}

async function controllerOf(node: ClusterNode): Promise<number | null> {
  const text = await node.run('cat', '/run/ldirectord.ldirectord.cf.pid').catch(() => '');
  return Number(text) || null;
}

test('the controller of the active one is killed; its power goes', { skip }, async (t) => {
  const { meter, active, reserve } = await startPair(t);
  const fitness = async (): Promise<string> => active.run('attrd_updater', '-QA', '-n', 'ldirectord-fitness');
  await active.eventually('both are fit', async () => (await fitness()).split('value="100"').length === 3);
  const killed = await measured(t, 'controller killed', meter, async () => {
    const pid = await controllerOf(active);
    process.kill(pid ?? assert.fail(), 'SIGKILL');
    await active.eventually('it is started again', async () => ![null, pid].includes(await controllerOf(active)));
  });
  assert.equal(killed.long.survived, killed.long.opened);
  assert.ok(await isActive(active), 'the address has not moved');

  const off = await measured(t, 'power-off', meter, async () => {
    await eventually('the reserve knows the connections', async () => (await reserve.director.connections()) >= 100);
    await powerOff(active.machine);
    await reserve.eventually('the other is active', () => isActive(reserve));
  });
  assert.equal(off.long.survived, off.long.opened);
});

test('the active one is set to standby', { skip }, async (t) => {
  const { meter, active, reserve } = await startPair(t);
  const given = await measured(t, 'standby', meter, async () => {
    await eventually('the reserve knows the connections', async () => (await reserve.director.connections()) >= 100);
    await active.run('crm_standby', '-N', active.machine.name, '-v', 'on');
    await reserve.eventually('the other is active', () => isActive(reserve));
  });
  assert.equal(given.long.survived, given.long.opened);
});

test('the link of the active one is cut, and healed', { skip }, async (t) => {
  const { meter, active, reserve } = await startPair(t);
  // Nobody but its checks tells that: corosync has another link.
  await measured(t, 'link cut', meter, async () => {
    await setCable(active.machine.name, 0, false);
    await reserve.eventually('the other is active', () => isActive(reserve));
  });
  const healed = await measured(t, 'link healed', meter, async () => {
    await setCable(active.machine.name, 0, true);
    await sleep(5_000);
  });
  assert.equal(healed.long.survived, healed.long.opened);
});
