import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { defaultSettings } from '../../src/config/settings/rows.js';
import { readSettings } from '../../src/config/settings/settings.js';
import type { RealServer } from '../../src/model/config.js';
import { endpointName, serverName } from '../../src/model/names.js';
import { unknownOrigin } from '../../src/model/origin.js';
import { type Hold, nobodyOverridden } from '../../src/model/override.js';
import { messagesOf } from '../../src/observe/messages.js';
import { overridesInForce } from '../../src/overrides/in-force.js';
import { OverrideStore, type OverrideStoreOptions } from '../../src/overrides/store.js';
import { nothingTold, overrideEvents, toldOf } from '../../src/overrides/told.js';
import { windowOf } from '../../src/overrides/windows.js';
import { configOf, literal, realServer } from '../helpers/configuration.js';
import { until } from '../helpers/deadline.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const text = `virtual=192.0.2.1:80
\treal=10.0.0.1:8080 masq
\treal=10.0.0.2:80 masq
virtual=192.0.2.2:80
\treal=10.0.0.1:80 masq
virtual6=[2001:db8::1]:80
\treal6=[2001:db8::11]:80 masq
virtual=5
\treal=10.0.0.3 gate
`;

async function maintenance(t: TestContext, files: readonly string[], options: Partial<OverrideStoreOptions> = {}) {
  const folder = join(await temporaryDirectory(t), 'm');
  await mkdir(folder);
  for (const file of files) await writeFile(join(folder, file), '');
  const config = configOf(`maintenancedir=${folder}\n${text}`);
  const kept = new OverrideStore({ onChange: () => {}, ...options });
  t.after(() => kept.close());
  const heldAt = (now: number): string[] => {
    const { held } = overridesInForce(config, kept.all, now);
    return config.virtuals.flatMap((virtual) =>
      virtual.realServers
        .filter((real) => held.has(real))
        .map((real) => `${serverName(real)} (${endpointName(virtual.endpoint)}) ${held.get(real)?.how}`),
    );
  };
  return { config, kept, heldAt };
}

test('while another directory is read the one before counts', async (t) => {
  const { config, kept, heldAt } = await maintenance(t, ['10.0.0.2']);
  await kept.configure(config, defaultSettings);
  const folder = await temporaryDirectory(t);
  await writeFile(join(folder, '10.0.0.2'), '');
  const { settings } = readSettings('[maintenance a]\nvirtual=5\ndrainat=2026-11-22 02:00\n');
  const reading = kept.configure({ ...config, global: { ...config.global, maintenancedir: folder } }, settings);
  const before = ['10.0.0.2:80 (192.0.2.1:80) down'];
  assert.deepEqual(heldAt(night(2, 0)), before);
  await reading;
  assert.deepEqual(heldAt(night(2, 0)), [...before, '10.0.0.3:0 (5) drain']);
  assert.equal(kept.directory?.path, folder);
});

/** What a file is called, and whom it takes out. */
const cases: readonly (readonly [file: string, held: readonly string[]])[] = [
  ['10.0.0.1', ['10.0.0.1:8080 (192.0.2.1:80)', '10.0.0.1:80 (192.0.2.2:80)']],
  ['10.0.0.1:8080', ['10.0.0.1:8080 (192.0.2.1:80)']],
  ['10.0.0.1:81', []],
  ['[2001:db8::11]', ['[2001:db8::11]:80 ([2001:db8::1]:80)']],
  ['[2001:DB8::11]:80', ['[2001:db8::11]:80 ([2001:db8::1]:80)']],
  ['2001:db8::11', []],
  ['10.0.0.3:0', ['10.0.0.3:0 (5)']],
  ['10.0.0', []],
];

for (const [file, held] of cases) {
  test(`a file ${file} takes out ${held.length} servers`, async (t) => {
    const { config, kept, heldAt } = await maintenance(t, [file], { reverse: async () => [] });
    await kept.configure(config, defaultSettings);
    assert.deepEqual(
      heldAt(0),
      held.map((who) => `${who} down`),
    );
  });
}

test('a name of the configuration or of the DNS counts, in full and short, with and without port', async (t) => {
  const asked: string[] = [];
  for (const file of ['web2.example.com', 'WEB2', 'web2:80', 'web2.example.com:80']) {
    let changed = 0;
    const { config, kept, heldAt } = await maintenance(t, [file], {
      onChange: () => {
        changed += 1;
      },
      reverse: async (address) => {
        asked.push(address);
        if (address !== '10.0.0.2') throw new Error('NXDOMAIN');
        return ['web2.example.com.'];
      },
    });
    await kept.configure(config, defaultSettings);
    assert.deepEqual(heldAt(0), [], 'an answer is not waited for');
    await until('the name is known', () => changed === 1);
    assert.deepEqual(heldAt(0), ['10.0.0.2:80 (192.0.2.1:80) down']);
  }
  const before = asked.length;
  assert.equal(before, 16, 'each address once');
});

test('the DNS is not asked where files are plain addresses', async (t) => {
  let asked = 0;
  const { config, kept, heldAt } = await maintenance(t, ['10.0.0.1', '10.0.0.1:8080', '.hidden'], {
    reverse: async () => {
      asked += 1;
      return [];
    },
  });
  await kept.configure(config, defaultSettings);
  assert.equal(heldAt(0).length, 2);
  assert.equal(asked, 0);
});

test('whether a window is open does not depend on when it was asked before', async () => {
  const settings = readSettings('[maintenance a]\nvirtual=5\nschedule=*/7 1-3 * * *\nduration=5\n').settings;
  const [first] = settings.maintenance;
  assert.ok(first);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 10_000 })), (minutes) => {
      const kept = windowOf(first);
      for (const at of minutes) assert.equal(kept.isOpen(at * 60_000), windowOf(first).isOpen(at * 60_000));
    }),
    { numRuns: 50 },
  );
});

const night = (hour: number, minute: number): number => new Date(2026, 10, 22, hour, minute, 30).getTime();

test('a window by cron expression is open for its duration, whenever the clock is asked', async (t) => {
  const { config, kept, heldAt } = await maintenance(t, []);
  const { settings } = readSettings(
    '[maintenance patches]\nserver=10.0.0.1:8080\nschedule=0 2 * * sun\nduration=90\n[maintenance b]\nvirtual=5\nschedule=30 2 * * *\nduration=1\n',
  );
  await kept.configure(config, settings);
  assert.deepEqual(heldAt(night(1, 59)), []);
  assert.deepEqual(heldAt(night(2, 0)), ['10.0.0.1:8080 (192.0.2.1:80) drain']);
  assert.deepEqual(heldAt(night(2, 30)), ['10.0.0.1:8080 (192.0.2.1:80) drain', '10.0.0.3:0 (5) drain']);
  assert.deepEqual(heldAt(night(3, 29)), ['10.0.0.1:8080 (192.0.2.1:80) drain']);
  assert.deepEqual(heldAt(night(3, 30)), []);
  assert.deepEqual(heldAt(night(2, 0) - 86_400_000), [], 'the day before is no Sunday');
});

test('a window says since when it is open and why, a file whose it is', async (t) => {
  const { config, kept } = await maintenance(t, ['10.0.0.2']);
  const { settings } = readSettings(
    '[maintenance patches]\nserver=10.0.0.1:8080\nschedule=0 2 * * sun\nduration=90\nreason=kernel updates\n[maintenance rack]\nvirtual=5\ndrainat=2026-11-21 22:00\n',
  );
  await kept.configure(config, settings);
  const { held } = overridesInForce(config, kept.all, night(3, 10));
  const drained = { by: 'window', how: 'drain', note: null, who: null } as const;
  const patches = new Date(2026, 10, 22, 2).getTime();
  const rack = new Date(2026, 10, 21, 22).getTime();
  const of = (name: string) => [...held].find(([real]) => serverName(real) === name)?.[1];
  assert.deepEqual(of('10.0.0.1:8080'), {
    ...drained,
    reason: 'window patches',
    since: patches,
    why: 'kernel updates',
  });
  assert.deepEqual(of('10.0.0.3:0'), { ...drained, reason: 'window rack', since: rack, why: null });
  assert.equal(of('10.0.0.2:80')?.who, userInfo().username);
});

test('drainat and returnat are kept to, and without returnat a server stays out', async (t) => {
  const { config, kept, heldAt } = await maintenance(t, []);
  const { settings } = readSettings(
    '[maintenance a]\nserver=10.0.0.1\nvirtual=192.0.2.2:80\ndrainat=2026-11-22 02:00\nreturnat=2026-11-22 04:00\n[maintenance b]\nserver=10.0.0.2\ndrainat=2026-11-22 03:00\n',
  );
  await kept.configure(config, settings);
  assert.deepEqual(heldAt(night(1, 59)), []);
  assert.deepEqual(heldAt(night(2, 0)), ['10.0.0.1:80 (192.0.2.2:80) drain']);
  assert.deepEqual(heldAt(night(9, 0)), ['10.0.0.2:80 (192.0.2.1:80) drain']);
});

test('a drain ends with the checks where clients are sent on to weight 0, and says which still come', async (t) => {
  const config = configOf(
    'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\tpersistent=600\nvirtual=192.0.2.2:53\n\treal=10.0.0.1:53 gate\n\tprotocol=udp\nvirtual=192.0.2.3:80\n\treal=10.0.0.1:80 gate\n',
  );
  const { settings } = readSettings('[maintenance night]\nserver=10.0.0.1\ndrainat=2026-11-22 02:00\n');
  for (const persistsAtZero of [true, false]) {
    const kept = new OverrideStore({ onChange: () => {}, persistsAtZero: () => persistsAtZero });
    t.after(() => kept.close());
    await kept.configure(config, settings);
    const inForce = overridesInForce(config, kept.all, night(2, 0));
    const events = overrideEvents(nothingTold, toldOf(config, inForce));
    const [note, how] = persistsAtZero
      ? (['its persistent clients still come', 'drain-while-up'] as const)
      : ([null, 'drain'] as const);
    const reason = 'window night';
    const origin = { who: null, since: night(2, 0) - 30_000, why: null };
    assert.deepEqual(
      config.virtuals.flatMap(({ realServers }) => realServers.map((real) => inForce.held.get(real))),
      [
        { by: 'window', how, reason, note, ...origin },
        { by: 'window', how: 'drain-while-up', reason, note: null, ...origin },
        { by: 'window', how: 'drain', reason, note: null, ...origin },
      ],
    );
    const [first] = events;
    assert.ok(first?.type === 'maintenance-began');
    assert.deepEqual([first.reason, first.note], [reason, note]);
    const still = note === null ? '' : `; ${note}`;
    assert.match(messagesOf(first)[0]?.text ?? '', new RegExp(`: window night since 2026-11-22 02:00:00${still}$`));
  }
});

test('begin and end are told once, by names that survive a reload', () => {
  const [before, after] = [configOf(text), configOf(text)];
  const hold = { by: 'file', how: 'down', reason: 'file x', note: null, ...unknownOrigin } as const;
  const first = (config: typeof before) => config.virtuals[0]?.realServers[0] ?? realServer(literal('10.0.0.9'));
  const told = (config: typeof before, held: ReadonlyMap<RealServer, Hold>) =>
    toldOf(config, { ...nobodyOverridden, held });
  const held = told(before, new Map([[first(before), hold]]));
  assert.deepEqual(
    overrideEvents(nothingTold, held).map(({ type }) => type),
    ['maintenance-began'],
  );
  const again = told(after, new Map([[first(after), hold]]));
  assert.deepEqual(overrideEvents(held, again), []);
  assert.deepEqual(
    overrideEvents(again, nothingTold).map(({ type }) => type),
    ['maintenance-ended'],
  );
});
