import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSettings } from '../../../src/config/settings/rows.js';
import type { SyncSettings } from '../../../src/config/settings/sync-rows.js';
import { type AskedDaemon, harmfulDaemons, planDaemons, wantedDaemons } from '../../../src/directors/sync/plan.js';
import type { SyncDaemon } from '../../../src/ipvs/sync-daemon.js';

const settings: SyncSettings = { ...defaultSettings.sync, sync: 'yes', interface: 'eth1', id: 51 };
const usual = { maxLength: 1472, group: '224.0.0.81', port: 8848, ttl: 1 };
const [master, backup] = (['master', 'backup'] as const).map((state) => ({
  state,
  interface: 'eth1',
  syncId: 51,
  number: null,
})) as [AskedDaemon, AskedDaemon];
/** As the kernel tells of one. */
const run = (daemon: SyncDaemon, more: Partial<SyncDaemon> = {}): SyncDaemon => ({ ...usual, ...daemon, ...more });

test('the master runs while active, the backup while passive, both for both', () => {
  assert.deepEqual(wantedDaemons(settings, true, null), [master]);
  assert.deepEqual(wantedDaemons(settings, false, 7), [{ ...backup, number: 7 }]);
  assert.deepEqual(wantedDaemons({ ...settings, sync: 'both' }, false, null), [master, backup]);
  assert.deepEqual(wantedDaemons(defaultSettings.sync, true, null), []);
  const all = { maxlen: 1400, group: 'FF02:0::51', port: 8850, ttl: 2 };
  assert.deepEqual(wantedDaemons({ ...settings, ...all, group: 'ff02:0::51' }, true, null), [
    { ...master, maxLength: 1400, group: 'ff02::51', port: 8850, ttl: 2 },
  ]);
});

test('with backup_only a backup does harm beside the master, and not alone', () => {
  assert.deepEqual(harmfulDaemons([master, backup], true), [backup]);
  assert.deepEqual(harmfulDaemons([master, backup], false), []);
  assert.deepEqual(harmfulDaemons([backup], true), []);
});

interface Case {
  readonly wanted: readonly AskedDaemon[];
  readonly found: readonly SyncDaemon[];
  readonly own?: readonly AskedDaemon[];
  readonly settings?: SyncSettings;
  readonly expected: Partial<ReturnType<typeof planDaemons>>;
}

const others = { interface: 'eth0', syncId: 7 };

const cases: Readonly<Record<string, Case>> = {
  'none runs': { wanted: [master], found: [], expected: { start: [master] } },
  'it runs': { wanted: [master], found: [run(master)], own: [master], expected: { stay: [master] } },
  'it runs, and whose it is is not known': { wanted: [master], found: [run(master)], expected: { stay: [master] } },
  'the role is another': {
    ...{ wanted: [master], found: [run(backup)], own: [backup] },
    expected: { stop: [run(backup)], start: [master] },
  },
  'ours by its interface and id': { wanted: [], found: [run(backup)], expected: { stop: [run(backup)] } },
  'ours by the journal': {
    ...{ wanted: [], found: [run(master)], own: [master], settings: defaultSettings.sync },
    expected: { stop: [run(master)] },
  },
  'somebody else’s, in a place that is not needed': {
    ...{ wanted: [master], found: [run(master), run(backup, others)], own: [master] },
    expected: { stay: [master], foreign: [run(backup, others)] },
  },
  'somebody else’s, in the place of ours': {
    ...{ wanted: [master], found: [run(master, others)] },
    expected: { stop: [run(master, others)], start: [master] },
  },
  'somebody else’s, with nothing wanted': {
    ...{ wanted: [], found: [run(master)], settings: defaultSettings.sync },
    expected: { foreign: [run(master)] },
  },
  'the id is another now': {
    ...{ wanted: [{ ...master, syncId: 52 }], found: [run(master)], own: [master] },
    expected: { stop: [run(master)], start: [{ ...master, syncId: 52 }] },
  },
  'the port is said now': {
    ...{ wanted: [{ ...master, port: 8850 }], found: [run(master)], own: [master] },
    expected: { stop: [run(master)], start: [{ ...master, port: 8850 }] },
  },
  'the length is said no more': {
    ...{ wanted: [master], found: [run(master, { maxLength: 1200 })], own: [{ ...master, maxLength: 1200 }] },
    expected: { stop: [run(master, { maxLength: 1200 })], start: [master] },
  },
  'what is the kernel’s own choice is said now': {
    ...{ wanted: [{ ...master, ttl: 1 }], found: [run(master)], own: [master] },
    expected: { stay: [{ ...master, ttl: 1 }] },
  },
  'the interface was made anew': {
    ...{ wanted: [{ ...master, number: 9 }], found: [run(master)], own: [{ ...master, number: 5 }] },
    expected: { stop: [run(master)], start: [{ ...master, number: 9 }] },
  },
  'the interface has gone': {
    ...{ wanted: [master], found: [run(master)], own: [{ ...master, number: 5 }] },
    expected: { stay: [{ ...master, number: 5 }] },
  },
  'an old kernel, which does not tell all': { wanted: [master], found: [master], expected: { stay: [master] } },
};

for (const [name, { wanted, found, own = [], settings: asked = settings, expected }] of Object.entries(cases)) {
  test(name, () => {
    const nothing = { stop: [], start: [], stay: [], foreign: [] };
    assert.deepEqual(planDaemons(wanted, asked, found, own), { ...nothing, ...expected });
  });
}
