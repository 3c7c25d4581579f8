/**
 * Troubles at random: whatever comes between, in the end the copy is what the store has, and who was told of each change
 * knows the same. STORE_SEED is which troubles, STORE_STEPS how many.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEtcd } from '../../../src/directors/store/etcd/etcd-store.js';
import { versionKey } from '../../../src/directors/store/frame.js';
import type { Operation } from '../../../src/directors/store/store.js';
import { until } from '../../helpers/deadline.js';
import { seeded } from '../../helpers/random.js';
import { etcdMissing, startEtcd } from '../../helpers/servers/etcd.js';
import { startTroubledWay } from '../../helpers/troubled-way.js';
import { valueOfOutcome } from './conformance.js';
import { mirrored, noFiles } from './mirrored.js';

const prefix = '/ldirectord/random';
const never = new AbortController().signal;

test('after troubles at random the copy is what the store has', { skip: etcdMissing }, async (t) => {
  const seed = Number(process.env['STORE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  const steps = Number(process.env['STORE_STEPS'] ?? 20);
  t.diagnostic(`STORE_SEED=${seed}`);
  const below = seeded(seed);
  const etcd = await startEtcd();
  t.after(() => etcd.close());
  const way = await startTroubledWay(etcd.port);
  t.after(() => way.close());
  const writer = valueOfOutcome(await openEtcd(etcd.endpoint, { prefix, files: noFiles }, never));
  t.after(() => writer.close());
  const one = mirrored(t, { endpoints: [`http://127.0.0.1:${way.port}`], prefix, deadline: 700 });
  /** As somebody has it who heard of each change. */
  const told = new Map<string, string>();
  let heard = 0;
  const hear = (): void => {
    for (; heard < one.news.length; heard += 1) {
      const news = one.news[heard];
      if (news?.type !== 'changes') continue;
      for (const change of news.changes) {
        if (change.type === 'put') told.set(change.key, change.value);
        else told.delete(change.key);
      }
    }
  };
  let revision = 0;
  const write = async (): Promise<void> => {
    const keys = new Set(Array.from({ length: 1 + below(20) }, () => `k${below(40)}`));
    const operations = [...keys].map((key): Operation => {
      return below(3) === 0 ? { type: 'delete', key } : { type: 'put', key, value: 'v'.repeat(below(3_000)) };
    });
    const outcome = await writer.write({ operations }, never);
    if (outcome.ok) revision = outcome.value;
  };
  const troubles: readonly (() => unknown)[] = [
    () => way.breakOff(),
    () => way.mute('/v3/watch'),
    async () => {
      way.swallows = true;
      await sleep(below(1_500));
      await write();
      way.swallows = false;
    },
    async () => {
      way.delay = below(300);
      await sleep(below(500));
      way.delay = 0;
    },
    async () => {
      if (revision > 0) await etcd.ctl('compaction', String(revision)).catch(() => '');
    },
    async () => {
      await etcd.end();
      await etcd.again();
    },
    async () => {
      etcd.freeze();
      await sleep(below(1_200));
      etcd.thaw();
    },
    () => etcd.renew(),
  ];
  for (let step = 0; step < steps; step += 1) {
    for (let writes = below(6); writes > 0; writes -= 1) await write();
    if (below(3) === 0) await troubles[below(troubles.length)]?.();
    if (below(4) === 0) await sleep(below(200));
  }
  way.delay = 0;
  way.swallows = false;
  await write();
  await until(
    'it takes a write',
    async () => (await one.mirror.write({ operations: [{ type: 'put', key: 'last', value: String(seed) }] })).ok,
  );
  const read = valueOfOutcome(await writer.read(never));
  const expected = Object.fromEntries(read.entries.map(({ key, value }) => [key, value]));
  assert.equal(expected['last'], String(seed));
  const copied = () => Object.fromEntries([...one.mirror.entries].map(([key, { value }]) => [key, value]).toSorted());
  await until(
    () => `the copy is the store's: ${Object.keys(copied()).join()} of ${Object.keys(expected).join()}`,
    () => JSON.stringify(copied()) === JSON.stringify(expected),
  );
  hear();
  assert.deepEqual(Object.fromEntries([...told].toSorted()), expected);
  assert.ok(versionKey in expected);
});
