/** Whether the balancer's schedulers choose as the kernel's do: see `inside/same-choices.ts`. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { capabilitiesOf } from '../../src/ipvs/capabilities.js';
import { KernelClient } from '../../src/ipvs/kernel/client.js';
import type { Service } from '../../src/ipvs/table.js';
import { ownNetwork } from '../helpers/own-network.js';
import { byHand } from './inside/by-hand.js';
import { loadModules, moduleMissing } from './inside/compiled-modules.js';
import { walk } from './inside/same-choices.js';
import { SameOdds } from './inside/same-odds.js';
import { walkStays } from './inside/same-stays.js';
import { addressesOf } from './inside/walked-addresses.js';

const connections = byHand ? 300 : 10_000;
const seed = Number(process.env['SCHEDULERS_SEED'] ?? 1);

const address = { protocol: 'tcp', family: 'inet', address: addressesOf.inet.virtual, port: 80 } as const;
const address6 = { ...address, family: 'inet6', address: addressesOf.inet6.virtual } as const;
const plain = { scheduler: 'rr', schedflags: [], persistent: 0, netmask: 32, ops: false } as const;

/** A network of its own for each: no connection of another test is in the table. */
async function within<T>(work: (kernel: KernelClient) => Promise<T>): Promise<T> {
  assert.equal(ownNetwork(), false);
  const kernel = new KernelClient();
  try {
    return await work(kernel);
  } finally {
    await kernel.close();
  }
}

async function compare(t: TestContext, service: Service): Promise<void> {
  const walked = await within((kernel) => walk(kernel, { service, connections, seed }));
  const { chosen, refused, changes, milliseconds } = walked;
  assert.ok(chosen.size > 1);
  const what = `${connections} connections, ${refused} refused, ${changes} changes`;
  t.diagnostic(`${what}: all equal, ${Math.round(milliseconds)} ms`);
}

const flags: readonly (readonly string[])[] = [
  ['sh'],
  ['sh', 'sh-fallback'],
  ['sh', 'sh-port'],
  ['sh', 'sh-fallback', 'sh-port'],
  ['mh'],
  ['mh', 'mh-fallback'],
  ['mh', 'mh-port'],
  ['mh', 'mh-fallback', 'mh-port'],
];
// They have flags; and twos throws dice, the kernel others than we: see below.
const others = ['sh', 'mh', 'twos'];
const schedulers = capabilitiesOf('userspace').schedulers.filter((name) => !others.includes(name));

for (const [scheduler = '', ...schedflags] of [...schedulers.map((name) => [name]), ...flags]) {
  test([scheduler, ...schedflags].join(' '), (t) => compare(t, { ...address, ...plain, scheduler, schedflags }));
}

const dice = byHand ? 1_000 : 10_000;

test('twos, by the odds of its dice', { skip: moduleMissing('ip_vs_twos') }, async (t) => {
  await loadModules('ip_vs_twos');
  const odds = new SameOdds();
  const service = { ...address, ...plain, scheduler: 'twos' };
  // Of each choice every pair of lots is looked at.
  const { chosen, refused, changes } = await within((kernel) =>
    walk(kernel, { service, connections: dice, seed }, odds),
  );
  assert.ok(chosen.size > 1);
  const away = odds.compare();
  const what = `${dice} connections, ${refused} refused, ${changes} changes`;
  t.diagnostic(`${what}: at most ${away.toFixed(1)} standard deviations away from what was to be expected`);
});

// The kernel counts no connection of them, so that lc, wlc, lblc and lblcr have nothing to go by: see ldirectord(8).
for (const [scheduler = '', ...schedflags] of [['rr'], ['wrr'], ['sed'], ['fo'], ['mh', 'mh-fallback', 'mh-port']]) {
  test(`${scheduler} with one-packet scheduling`, (t) =>
    compare(t, { ...address, ...plain, protocol: 'udp', scheduler, schedflags, ops: true }));
}

for (const [scheduler = '', ...schedflags] of [['rr'], ['wlc'], ['mh', 'mh-fallback']]) {
  for (const mask of [{ netmask: 24 }, { netmask: 8, oddMask: '255.0.255.0' }]) {
    test(`${scheduler} with persistence by ${mask.oddMask ?? mask.netmask}`, async (t) => {
      const service = { ...address, ...plain, scheduler, schedflags, persistent: 300, ...mask };
      const stayed = await within((kernel) => walkStays(kernel, { service, connections, seed }));
      assert.ok(stayed > connections / 4);
      t.diagnostic(`${connections} connections, ${stayed} of them stayed: all equal`);
    });
  }
}

for (const scheduler of ['dh', 'lblc', 'lblcr']) {
  test(`${scheduler} with clients of many addresses`, (t) =>
    compare(t, { protocol: 'fwm', family: 'inet', mark: 7, ...plain, scheduler }));
}

for (const [scheduler = '', ...schedflags] of [
  ['sh', 'sh-fallback', 'sh-port'],
  ['mh', 'mh-fallback', 'mh-port'],
]) {
  test(`${scheduler} with clients of IPv6`, (t) =>
    compare(t, { ...address6, ...plain, netmask: 128, scheduler, schedflags }));
}

test('dh with clients of IPv6 and of many addresses', (t) =>
  compare(t, { protocol: 'fwm', family: 'inet6', mark: 7, ...plain, netmask: 128, scheduler: 'dh' }));
