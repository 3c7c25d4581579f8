/** A daemon that is killed, at every step of a change of addresses: the next one puts right, and touches nothing else. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AddressJournal, addressJournal } from '../../../src/path/addresses/journal.js';
import { AddressKeeper } from '../../../src/path/addresses/keeper.js';
import { RouteNetlink, type Routes } from '../../../src/path/addresses/route-netlink.js';
import { wantedAddresses } from '../../../src/path/addresses/wanted.js';
import { configOf } from '../../helpers/configuration.js';
import { until } from '../../helpers/deadline.js';
import { type Instance, Instances } from '../../helpers/instance.js';
import { ip, ownNetwork } from '../../helpers/own-network.js';
import { cli } from '../../helpers/process.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

const skip = ownNetwork();
/** Somebody else's: one that is wanted, one beside it, and one with another prefix. */
const foreign = [
  ['192.0.2.1/32', 'd0'],
  ['192.0.2.100/32', 'd0'],
  ['192.0.2.2/24', 'd1'],
] as const;
const theirs = foreign.map(([address, name]) => `${name} ${address}`);

/** A virtual service for each. */
function services(...places: readonly (readonly [address: string, device: string])[]): string {
  return places
    .map(([address, name]) => `virtual=${address}:8080\n\tvip=${name}\n\treal=127.0.0.1:9 masq\n\tchecktype=on\n`)
    .join('');
}

const before = [
  ['192.0.2.1', 'd0'],
  ['192.0.2.3', 'd0'],
  ['192.0.2.4', 'd0'],
] as const;
const after = [
  ['192.0.2.1', 'd0'],
  ['192.0.2.2', 'd1'],
  ['192.0.2.3', 'd1'],
  ['192.0.2.5', 'd0'],
] as const;
const stands = [...theirs, 'd1 192.0.2.3/32', 'd0 192.0.2.5/32'].toSorted();

function devices(t: TestContext): void {
  for (const name of ['d0', 'd1']) {
    ip(`link add ${name} type veth peer name ${name}-far`);
    t.after(() => ip(`link del ${name}`));
    for (const end of [name, `${name}-far`]) ip(`link set ${end} up`);
  }
  for (const [address, name] of foreign) ip(`addr add ${address} dev ${name}`);
}

function standing(): string[] {
  const lines = ip('-o -4 addr show scope global').split('\n').slice(0, -1);
  return lines
    .map((line) => line.trim().split(/\s+/))
    .map(([, name, , address]) => `${name} ${address}`)
    .toSorted();
}

/** What it is asked to do takes place up to a step, at which it is dead. */
function dyingAt(step: number, routes: Routes, journal: AddressJournal) {
  let left = step;
  let isDead = false;
  const live = async (): Promise<void> => {
    left -= 1;
    if (left >= 0) return;
    isDead = true;
    await new Promise(() => {});
  };
  const mortal: Routes = {
    device: (name) => routes.device(name),
    addresses: () => routes.addresses(),
    change: async (changes) => {
      const results = [];
      for (const change of changes) {
        await live();
        results.push(...(await routes.change([change])));
      }
      await live();
      return results;
    },
    listen: async () => {},
    close: () => {},
  };
  const written: AddressJournal = {
    read: () => journal.read(),
    write: async (own) => {
      await live();
      await journal.write(own);
      await live();
    },
  };
  return { routes: mortal, journal: written, isDead: () => isDead };
}

function keeperOf(routes: Routes, journal: AddressJournal): AddressKeeper {
  const announce = () => ({ over: Promise.resolve(), end: () => {} });
  return new AddressKeeper({ routes, journal, publish: () => {}, announce });
}

async function succeeds(instance: Instance, verb: string): Promise<void> {
  const { code, stderr } = await instance.run(verb);
  assert.equal(code, 0, stderr);
}

test('killed at any step, and then started again', { skip }, async (t) => {
  devices(t);
  const path = join(await temporaryDirectory(t), 'vips');
  const [old, wanted] = [before, after].map((places) => wantedAddresses(configOf(services(...places))));
  let steps = 0;
  for (let isDead = true; isDead; steps += 1) {
    const first = keeperOf(new RouteNetlink(), addressJournal(path));
    first.want(old ?? assert.fail());
    await first.whenSettled(30_000);
    await first.leave();
    const routes = new RouteNetlink();
    const mortal = dyingAt(steps, routes, addressJournal(path));
    const killed = keeperOf(mortal.routes, mortal.journal);
    killed.want(wanted ?? assert.fail());
    await Promise.race([killed.whenSettled(30_000), until('it dies', mortal.isDead)]);
    isDead = mortal.isDead();
    routes.close();
    const next = keeperOf(new RouteNetlink(), addressJournal(path));
    next.want(wanted ?? assert.fail());
    await next.whenSettled(30_000);
    assert.deepEqual(standing(), stands, `after a death at step ${steps}`);
    await next.close();
    assert.deepEqual(standing(), theirs.toSorted(), `after a stop, with a death at step ${steps}`);
  }
  assert.ok(steps > 6, `${steps} steps`);
});

test('the program, killed at random moments', { skip }, async (t) => {
  devices(t);
  const instances = await Instances.open(t);
  const instance = await instances.create('killed.cf', services(...before));
  const moments: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    await instance.write(services(...(round % 2 === 0 ? before : after)));
    const child = spawn(process.execPath, [cli, '--backend', 'userspace', '--foreground', instance.file, 'start'], {
      env: instances.environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exit = once(child, 'exit');
    let words = '';
    child.stdout.on('data', (chunk: Buffer) => {
      words += chunk.toString();
    });
    // What comes before has done nothing.
    await until('it begins', () => words.includes('Starting Linux Director'));
    moments.push(Math.round(Math.random() * 400));
    await sleep(moments.at(-1));
    child.kill('SIGKILL');
    await exit;
    for (const one of theirs) assert.ok(standing().includes(one), `${one} is still there`);
  }
  t.diagnostic(`killed ${moments.join(', ')} ms after a start began`);
  await instance.write(services(...after));
  await succeeds(instance, 'start');
  assert.deepEqual(standing(), stands);
  await succeeds(instance, 'stop');
  assert.deepEqual(standing(), theirs.toSorted());
});

test('a reload moves addresses; a stop leaves those without cleanstop, which the next start takes over', {
  skip,
}, async (t) => {
  devices(t);
  const instances = await Instances.open(t);
  const instance = await instances.create('moved.cf', `cleanstop=no\n${services(...before)}`);
  await succeeds(instance, 'start');
  assert.deepEqual(standing(), [...theirs, 'd0 192.0.2.3/32', 'd0 192.0.2.4/32'].toSorted());
  await instance.write(`cleanstop=no\n${services(...after)}`);
  await succeeds(instance, 'reload');
  assert.deepEqual(standing(), stands);
  await succeeds(instance, 'restart');
  assert.deepEqual(standing(), stands);
  await succeeds(instance, 'stop');
  assert.deepEqual(standing(), stands);
  await instance.write(services(...after));
  await succeeds(instance, 'start');
  await succeeds(instance, 'stop');
  assert.deepEqual(standing(), theirs.toSorted());
});
