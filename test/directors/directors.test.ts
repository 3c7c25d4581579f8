import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSettings } from '../../src/config/settings/settings.js';
import { Directors } from '../../src/directors/directors.js';
import { roleEvents } from '../../src/directors/role/news.js';
import { noSyncJournal } from '../../src/directors/sync/journal.js';
import type { Event } from '../../src/events.js';
import { MemorySyncDaemons } from '../../src/ipvs/memory-sync.js';
import { alwaysActive } from '../../src/model/role.js';
import { configOf } from '../helpers/configuration.js';
import { until, within } from '../helpers/deadline.js';
import { lacks } from '../helpers/programs.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const noSync = { daemons: null, journal: noSyncJournal };
const config = configOf('virtual=192.0.2.1:80\n\nvirtual=192.0.2.2:80\n\nvirtual=7\n');

test('settings that change the role count from then on; those that do not ask nobody anew', {
  skip: lacks('cat'),
}, async (t) => {
  const folder = await temporaryDirectory(t);
  const file = join(folder, 'role');
  const say = async (text: string): Promise<void> => {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  };
  await say('active 192.0.2.1\n');
  const events: Event[] = [];
  let changes = 0;
  const directors = new Directors({
    instance: 'web',
    publish: (event) => void events.push(event),
    ownAddresses: async () => new Map(),
    stands: () => true,
    addresses: null,
    onRole: () => {
      changes += 1;
    },
    sync: noSync,
  });
  t.after(() => directors.close());
  const { settings: usual } = readSettings('');
  await within('it rules', directors.configure(usual, config));
  assert.equal(directors.role, alwaysActive);
  assert.deepEqual([events.length, changes], [0, 0], 'who has set nothing hears nothing');

  const { settings, diagnostics } = readSettings(`[role]\nrole = command cat ${file}\ninterval = 1\n`);
  assert.deepEqual(diagnostics, []);
  await within('it rules', directors.configure(settings, config));
  assert.deepEqual(events.splice(0), [{ type: 'role-changed', role: 'active', gained: ['192.0.2.1'], lost: [] }]);
  await say('active 192.0.2.2\n');
  await until('it moves', () => events.length > 0);
  assert.deepEqual(events.splice(0), [
    { type: 'role-changed', role: 'active', gained: ['192.0.2.2'], lost: ['192.0.2.1'] },
  ]);
  assert.equal(changes, 1, 'a configuration that is going to rule goes by it anyway');
  await within('it rules still', directors.configure(readSettings('loglevel = debug').settings, config));
  assert.deepEqual(events.splice(0), [{ type: 'role-changed', role: 'active', gained: [], lost: ['192.0.2.2'] }]);
  assert.deepEqual(directors.role, alwaysActive);
});

test('an end while somebody is asked leaves nobody who asks', { skip: lacks('sleep') }, async () => {
  const { settings } = readSettings('[role]\nrole = command sleep 600\n');
  const directors = new Directors({
    instance: 'web',
    publish: () => assert.fail(),
    ownAddresses: async () => new Map(),
    stands: () => true,
    addresses: null,
    onRole: () => {},
    sync: noSync,
  });
  const configuring = directors.configure(settings, config);
  await within('the end', directors.leave());
  await within('what was under way', configuring);
  assert.equal(directors.role, alwaysActive);
});

test('synchronization follows the role, and stays at a stop where services do', { skip: lacks('cat') }, async (t) => {
  const folder = await temporaryDirectory(t);
  const file = join(folder, 'role');
  await writeFile(file, 'passive\n');
  const daemons = new MemorySyncDaemons();
  const running = async (): Promise<string> => (await daemons.daemons()).map(({ state }) => state).join();
  const start = () => {
    const usual = { publish: () => {}, ownAddresses: async () => new Map(), onRole: () => {} };
    const sync = { daemons, journal: noSyncJournal };
    return new Directors({ instance: 'web', ...usual, sync, stands: () => true, addresses: null });
  };
  const role = `[role]\nrole = command cat ${file}\ninterval = 1\n`;
  const { settings } = readSettings(`${role}[sync]\nsync = yes\ninterface = eth1\n`);
  const first = start();
  await within('it rules', first.configure(settings, config));
  assert.deepEqual(await within('it is in order', first.missing(20_000)), []);
  assert.equal(await running(), 'backup');
  await writeFile(`${file}.new`, 'active\n');
  await rename(`${file}.new`, file);
  await until('the role has changed', async () => (await running()) === 'master');
  assert.deepEqual(first.sync, [{ state: 'master', interface: 'eth1', id: 0, runs: true, why: null }]);
  await within('the end', first.close());
  assert.equal(await running(), '');

  const staying = configOf('virtual=192.0.2.1:80\n\tcleanstop=no\n');
  const second = start();
  await within('it rules', second.configure(settings, staying));
  await second.missing(20_000);
  await within('the end', second.close());
  assert.equal(await running(), 'master');
});

test('what is told of a role', () => {
  const fault = 'cat: killed after 5 s';
  const passive = { word: 'passive', held: null, fault: null } as const;
  const unknown = { word: 'unknown', held: null, fault } as const;
  assert.deepEqual(roleEvents(passive, { ...passive, fault }), [{ type: 'role-failed', reason: fault }]);
  assert.deepEqual(roleEvents({ ...passive, fault }, unknown), [
    { type: 'role-changed', role: 'unknown', gained: [], lost: [] },
  ]);
  assert.deepEqual(roleEvents(unknown, passive), [{ type: 'role-changed', role: 'passive', gained: [], lost: [] }]);
  const one = { word: 'active', held: new Set(['192.0.2.1']), fault: null } as const;
  assert.deepEqual(roleEvents(one, passive), [
    { type: 'role-changed', role: 'passive', gained: [], lost: ['192.0.2.1'] },
  ]);
  assert.deepEqual(roleEvents(one, { ...one, held: new Set(one.held) }), []);
});
