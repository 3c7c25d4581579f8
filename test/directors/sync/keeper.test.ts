import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { defaultSettings } from '../../../src/config/settings/rows.js';
import type { SyncSettings } from '../../../src/config/settings/sync-rows.js';
import { syncJournal } from '../../../src/directors/sync/journal.js';
import { SyncKeeper } from '../../../src/directors/sync/keeper.js';
import type { Event } from '../../../src/events.js';
import { MemorySyncDaemons } from '../../../src/ipvs/memory-sync.js';
import type { DaemonState, SyncDaemon } from '../../../src/ipvs/sync-daemon.js';
import { until } from '../../helpers/deadline.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

const settings: SyncSettings = { ...defaultSettings.sync, sync: 'yes', interface: 'eth1', id: 51 };
const both: SyncSettings = { ...settings, sync: 'both' };
const none: SyncSettings = defaultSettings.sync;

/** A table whose answers a test can change, and that counts what is asked of it. */
class Table extends MemorySyncDaemons {
  backupOnly = false;
  number: number | null = 5;
  refusal: string | null = null;
  asked = 0;

  override async daemons(): Promise<readonly SyncDaemon[]> {
    this.asked += 1;
    return super.daemons();
  }

  override async startDaemon(daemon: SyncDaemon): Promise<void> {
    if (this.refusal !== null) throw Object.assign(new Error('refused'), { code: this.refusal });
    await super.startDaemon(daemon);
  }

  override isBackupOnly(): boolean {
    return this.backupOnly;
  }

  override numberOf(): number | null {
    return this.number;
  }
}

interface Scene {
  readonly table: Table;
  readonly path: string;
}

async function scene(t: TestContext): Promise<Scene> {
  return { table: new Table(), path: join(await temporaryDirectory(t), 'sync') };
}

function keeperAt(t: TestContext, { table, path }: Scene, daemons: Table | null = table) {
  const events: Event[] = [];
  const publish = (event: Event) => void events.push(event);
  const keeper = new SyncKeeper({ daemons, journal: syncJournal(path), publish, retryDelay: 20 });
  t.after(() => keeper.leave());
  const want = async (asked: SyncSettings, isActive: boolean): Promise<void> => {
    keeper.want(asked, isActive);
    await keeper.whenSettled(20_000);
  };
  return { keeper, events, want };
}

async function running(table: Table): Promise<string> {
  const daemons = await table.daemons();
  return daemons.map(({ state, interface: name, syncId }) => `${state} ${name} ${syncId}`).join(', ');
}

function told(events: readonly Event[]): string[] {
  return events.map((event) => `${event.type}${'daemon' in event ? ` ${event.daemon}` : ''}`);
}

test('it follows the role, and what does not change restarts nothing', async (t) => {
  const set = await scene(t);
  const { keeper, events, want } = keeperAt(t, set);
  await want(settings, false);
  assert.equal(await running(set.table), 'backup eth1 51');
  await want(settings, true);
  assert.equal(await running(set.table), 'master eth1 51');
  await want({ ...settings, refresh: 5 }, true);
  assert.deepEqual(told(events), ['sync-started backup', 'sync-stopped backup', 'sync-started master']);
  assert.deepEqual(keeper.status, [{ state: 'master', interface: 'eth1', id: 51, runs: true, why: null }]);
  await want({ ...settings, port: 8850 }, true);
  assert.deepEqual(told(events).slice(3), ['sync-stopped master', 'sync-started master']);
  await want(both, true);
  assert.equal(await running(set.table), 'master eth1 51, backup eth1 51');
  await want(none, true);
  assert.equal(await running(set.table), '');
  assert.deepEqual(keeper.status, []);
});

test('who wants none asks nobody, and leaves what runs', async (t) => {
  const set = await scene(t);
  await set.table.startDaemon({ state: 'master', interface: 'eth1', syncId: 51 });
  const { events, keeper, want } = keeperAt(t, set);
  await want(none, true);
  keeper.lookEvery(1);
  await keeper.close();
  assert.equal(set.table.asked, 0);
  assert.deepEqual(events, []);
});

test('what was started before a kill is ours after it, whatever the settings say by then', async (t) => {
  const set = await scene(t);
  await keeperAt(t, set).want(both, true);
  const second = keeperAt(t, set);
  await second.want(settings, false);
  assert.equal(await running(set.table), 'backup eth1 51');
  assert.deepEqual(told(second.events), ['sync-stopped master']);
  await keeperAt(t, set).want(none, false);
  assert.equal(await running(set.table), '');
});

test('at a stop what is ours goes, and what is somebody else’s stays', async (t) => {
  const set = await scene(t);
  await set.table.startDaemon({ state: 'backup', interface: 'eth0', syncId: 7 });
  const { keeper, events, want } = keeperAt(t, set);
  await want(settings, true);
  await want(settings, true);
  assert.deepEqual(told(events), ['sync-started master', 'sync-foreign backup']);
  await keeper.close();
  assert.equal(await running(set.table), 'backup eth0 7');
  const { own } = await syncJournal(set.path).read();
  assert.deepEqual(own, []);
});

test('at a restart all stays, and nothing is started anew', async (t) => {
  const set = await scene(t);
  const first = keeperAt(t, set);
  await first.want(settings, true);
  await first.keeper.leave();
  const second = keeperAt(t, set);
  await second.want(settings, true);
  assert.deepEqual(told(second.events), []);
  assert.equal(await running(set.table), 'master eth1 51');
});

test('one that somebody stops is started again, and less often where that goes on', async (t) => {
  const set = await scene(t);
  const { keeper, events, want } = keeperAt(t, set);
  await want(settings, true);
  keeper.lookEvery(5);
  for (let round = 0; round < 3; round += 1) {
    await set.table.stopDaemon('master');
    await until('it is back', async () => (await running(set.table)) !== '');
  }
  const drift = ['sync-drifted master', 'sync-started master'];
  assert.deepEqual(told(events), ['sync-started master', ...drift, ...drift, ...drift]);
  await set.table.stopDaemon('master');
  await until('somebody is suspected', () => told(events).includes('sync-contested master'));
  await until('it is back all the same', async () => (await running(set.table)) !== '');
});

test('on an interface that was made anew it is started anew, over restarts, too', async (t) => {
  const set = await scene(t);
  const { keeper, events, want } = keeperAt(t, set);
  await want(settings, true);
  set.table.number = null;
  await want(settings, true);
  assert.deepEqual(told(events.splice(0)), ['sync-started master']);
  await keeper.leave();
  set.table.number = 6;
  const second = keeperAt(t, set);
  await second.want(settings, true);
  await second.want(settings, true);
  assert.deepEqual(told(second.events), ['sync-stopped master', 'sync-started master']);
});

test('somebody else’s in the place of ours goes', async (t) => {
  const set = await scene(t);
  await set.table.startDaemon({ state: 'master', interface: 'eth0', syncId: 7 });
  const { events, want } = keeperAt(t, set);
  await want(settings, true);
  assert.equal(await running(set.table), 'master eth1 51');
  assert.deepEqual(told(events), ['sync-drifted master', 'sync-started master']);
  assert.deepEqual(
    events.flatMap((event) => (event.type === 'sync-drifted' ? [event.found] : [])),
    ['eth0, id 7, 224.0.0.81 port 8848'],
  );
});

test('what cannot be started is told once, tried again, and told when it can', async (t) => {
  const set = await scene(t);
  const { keeper, events, want } = keeperAt(t, set);
  set.table.refusal = 'ENODEV';
  await want(settings, true);
  const [status] = keeper.status;
  assert.match(status?.why ?? '', /^there is no interface eth1: .*\(ENODEV\)$/);
  await until('it is tried again', () => set.table.asked > 3);
  set.table.refusal = null;
  await until('it runs', () => keeper.status[0]?.runs === true);
  await keeper.whenSettled(20_000);
  assert.deepEqual(told(events), ['sync-failed master', 'sync-started master', 'sync-restored master']);
});

test('with backup_only the master of both runs alone, as long as it is set', async (t) => {
  const set = await scene(t);
  const { keeper, events, want } = keeperAt(t, set);
  await want(both, true);
  set.table.backupOnly = true;
  keeper.lookEvery(5);
  await until('the backup is gone', async () => (await running(set.table)) === 'master eth1 51');
  await keeper.whenSettled(20_000);
  assert.match(keeper.status.find(({ state }) => state === 'backup')?.why ?? '', /\(backup-only\)$/);
  set.table.backupOnly = false;
  await until('it is back', async () => (await running(set.table)) === 'master eth1 51, backup eth1 51');
  await keeper.whenSettled(20_000);
  assert.deepEqual(told(events), [
    ...['sync-started master', 'sync-started backup', 'sync-stopped backup', 'sync-failed backup'],
    ...['sync-started backup', 'sync-restored backup'],
  ]);
  set.table.backupOnly = true;
  await want(settings, false);
  assert.equal(await running(set.table), 'backup eth1 51');
});

test('a backend that has none says so', async (t) => {
  const { keeper, events, want } = keeperAt(t, await scene(t), null);
  await want(settings, true);
  await want(settings, true);
  assert.deepEqual(told(events), ['sync-failed all']);
  assert.match(keeper.status[0]?.why ?? '', /\(ENOTSUP\)$/);
});

test('a journal that is not understood is put aside, and one of another boot says nothing', async (t) => {
  const set = await scene(t);
  await writeFile(set.path, '{"ldirectord":"vips"}');
  const first = keeperAt(t, set);
  await first.want(settings, true);
  assert.deepEqual(told(first.events), ['sync-journal-lost', 'sync-started master']);
  const written = await readFile(set.path, 'utf8');
  await writeFile(set.path, written.replace(/"boot":"[^"]*"/, '"boot":"another"'));
  await keeperAt(t, set).want(none, true);
  assert.equal(await running(set.table), 'master eth1 51');
});

test('killed at any step, and then started again, it has what is wanted, and nothing else', async (t) => {
  for (let steps = 0, isDead = true; isDead; steps += 1) {
    const set = await scene(t);
    await keeperAt(t, set).want({ ...both, id: 50 }, true);
    const dying = new DyingTable(set.table, steps);
    const journal = syncJournal(set.path);
    const write: typeof journal.write = async (own) => {
      await dying.live();
      await journal.write(own);
    };
    const first = new SyncKeeper({ daemons: dying, journal: { ...journal, write }, publish: () => {} });
    first.want(settings, true);
    await until('it ends, or is dead', async () => dying.isDead || first.status[0]?.runs === true);
    isDead = dying.isDead;
    await keeperAt(t, set).want(settings, true);
    assert.equal(await running(set.table), 'master eth1 51', `dead at step ${steps}`);
  }
});

/** What it is asked to do takes place up to a step, at which it is dead. */
class DyingTable {
  isDead = false;
  #left: number;
  readonly #table: Table;

  constructor(table: Table, steps: number) {
    this.#table = table;
    this.#left = steps;
  }

  async live(): Promise<void> {
    this.#left -= 1;
    if (this.#left >= 0) return;
    this.isDead = true;
    await new Promise(() => {});
  }

  daemons = () => this.#table.daemons();
  isBackupOnly = () => false;
  numberOf = () => null;

  async startDaemon(daemon: SyncDaemon): Promise<void> {
    await this.live();
    await this.#table.startDaemon(daemon);
    await this.live();
  }

  async stopDaemon(state: DaemonState): Promise<void> {
    await this.live();
    await this.#table.stopDaemon(state);
    await this.live();
  }
}

test('a passive director is unsettled until its backup has run for as long as is set', async (t) => {
  const set = await scene(t);
  const { keeper, want } = keeperAt(t, set);
  assert.equal(keeper.unsettled, null);
  await want({ ...settings, settle: 3_600 }, false);
  assert.equal(keeper.unsettled, 'the backup of [sync] has run 0 of 3600 s');
  await want(settings, false);
  assert.equal(keeper.unsettled, null);
  await want({ ...both, settle: 3_600 }, true);
  assert.equal(keeper.unsettled, null, 'who is active has the connections');
  await want({ ...none, settle: 3_600 }, false);
  assert.equal(keeper.unsettled, null);
  const other = new Table();
  other.refusal = 'EPERM';
  const failing = keeperAt(t, await scene(t), other);
  await failing.want(settings, false);
  assert.equal(failing.keeper.unsettled, 'the backup of [sync] does not run');
});
