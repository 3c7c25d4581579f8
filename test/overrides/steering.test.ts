import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { defaultSettings } from '../../src/config/settings/rows.js';
import type { Event } from '../../src/events.js';
import { endpointName, serverName } from '../../src/model/names.js';
import { nobodyOverridden } from '../../src/model/override.js';
import { byHandFile } from '../../src/overrides/by-hand-file.js';
import { type Overrides, overridesInForce } from '../../src/overrides/in-force.js';
import { type NamedServer, SteeringRefusal } from '../../src/overrides/places.js';
import { type Author, ServerSteering, type Steered, type Wish } from '../../src/overrides/steering.js';
import { OverrideStore } from '../../src/overrides/store.js';
import { nothingTold, overrideEvents, toldOf } from '../../src/overrides/told.js';
import { configOf } from '../helpers/configuration.js';
import { until } from '../helpers/deadline.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { plain } from '../helpers/wish.js';

const text = `virtual=192.0.2.1:80
\treal=10.0.0.1:80 masq 3
\treal=10.0.0.2:80 masq
virtual=192.0.2.2:80
\treal=10.0.0.1:80 masq
\treal=10.0.0.1:81 masq
`;

/** As somebody asks of whom nothing is known, where a test does not say. */
interface Asking {
  drain(target: NamedServer, wish?: Wish): Promise<Steered>;
  undrain(target: NamedServer, by?: Author): Promise<Steered>;
  setWeight(target: NamedServer, weight: number | null, until: number | null, wish?: Wish): Promise<Steered>;
}

/** With `folder`, as another start would find it. */
async function steering(
  t: TestContext,
  options: {
    maintenancedir?: boolean;
    folder?: string;
    stateFile?: string;
    text?: string;
    persistsAtZero?: boolean;
    objection?: (asked: Overrides) => string | null;
  } = {},
) {
  const folder = options.folder ?? (await temporaryDirectory(t));
  const drains = join(folder, 'drains');
  if (options.maintenancedir) await mkdir(drains, { recursive: true });
  const config = configOf(`${options.maintenancedir ? `maintenancedir=${drains}\n` : ''}${options.text ?? text}`);
  const events: Event[] = [];
  let inForce = nobodyOverridden;
  let told = nothingTold;
  const update = (): void => {
    inForce = overridesInForce(config, kept.all, Date.now());
    const now = toldOf(config, inForce);
    events.push(...overrideEvents(told, now, kept.all.ending));
    told = now;
  };
  const kept = new OverrideStore({
    onChange: update,
    reverse: async () => [],
    persistsAtZero: () => options.persistsAtZero ?? false,
  });
  t.after(() => kept.close());
  await kept.configure(config, defaultSettings);
  const stateFile = options.stateFile ?? join(folder, 'orders');
  const real = new ServerSteering({
    store: kept,
    file: byHandFile(stateFile),
    inForce: () => inForce,
    config: () => config,
    apply: async (places) => {
      update();
      return places.map(({ virtual }) => (virtual.scheduler === 'rr' ? 'refused' : null));
    },
    isInUse: () => true,
    hasFallback: () => false,
    forgive: () => 0,
    objection: options.objection ?? (() => null),
  });
  const steer: Asking = {
    drain: (target, wish = plain) => real.drain(target, wish),
    undrain: (target, by = plain) => real.undrain(target, by),
    setWeight: (target, weight, end, wish = plain) => real.setWeight(target, weight, end, wish),
  };
  const lost = await real.resume();
  update();
  const found = (): string[] =>
    config.virtuals.flatMap((virtual) =>
      virtual.realServers.flatMap((real) => {
        const hold = inForce.held.get(real)?.how;
        const weight = inForce.weights.get(real)?.weight;
        const name = `${serverName(real)} ${endpointName(virtual.endpoint)}`;
        return [...(hold ? [`${name} ${hold}`] : []), ...(weight === undefined ? [] : [`${name} weight ${weight}`])];
      }),
    );
  const held = () => [...inForce.held.values()];
  return { folder, drains, stateFile, steer, found, held, update, events, lost };
}

const all = (server: string) => ({ server, virtual: null });

test('drained and undrained, in every virtual or in one, by any of its names', async (t) => {
  const { steer, found, events } = await steering(t);
  const drained = await steer.drain(all('10.0.0.1:80'));
  assert.deepEqual(
    drained.servers.map(({ virtual, server }) => `${server} ${virtual}`),
    ['10.0.0.1:80 192.0.2.1:80', '10.0.0.1:80 192.0.2.2:80'],
  );
  assert.deepEqual(drained.notes, []);
  assert.deepEqual(found(), ['10.0.0.1:80 192.0.2.1:80 drain', '10.0.0.1:80 192.0.2.2:80 drain']);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['maintenance-began', 'maintenance-began'],
  );
  await steer.undrain(all('10.0.0.1'));
  assert.deepEqual(found(), []);

  const one = { server: '10.0.0.1', virtual: '192.0.2.2:80' };
  await steer.drain(one);
  assert.deepEqual(found(), ['10.0.0.1:80 192.0.2.2:80 drain', '10.0.0.1:81 192.0.2.2:80 drain']);
  await steer.undrain(all('10.0.0.1'));
  assert.deepEqual(found(), [], 'without a virtual all are meant');
  await assert.rejects(
    steer.undrain(one),
    (error) => error instanceof SteeringRefusal && /is not drained/.test(error.message),
  );
  await steer.drain(all('10.0.0.1'));
  await assert.rejects(steer.undrain(one), /drained in every virtual service/);
  await steer.undrain(all('10.0.0.1'));
  await steer.drain(one);
  await steer.undrain(one);
  assert.deepEqual(found(), []);
});

test('who takes it back, when and why, is told; of what ends by itself nobody', async (t) => {
  const { steer, events, update } = await steering(t);
  const ends = () =>
    events.splice(0).flatMap((event) => {
      if (event.type !== 'maintenance-ended' && event.type !== 'weight-restored') return [];
      return [{ type: event.type, who: event.who, why: event.why, isDated: event.since !== null }];
    });
  const end = { type: 'maintenance-ended', who: 'alice', why: 'the disk is new', isDated: true };
  await steer.drain(all('10.0.0.1:80'), { who: 'bob', why: 'a disk', force: false });
  await steer.undrain(all('10.0.0.1'), { who: 'alice', why: 'the disk is new' });
  assert.deepEqual(ends(), [end, end]);

  await steer.setWeight(all('10.0.0.1:81'), 3, null);
  await steer.setWeight(all('10.0.0.1:81'), null, null, { who: 'alice', why: null, force: false });
  assert.deepEqual(ends(), [{ ...end, type: 'weight-restored', why: null }]);

  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  await steer.setWeight(all('10.0.0.1:81'), 3, Date.now() + 1_000);
  t.mock.timers.setTime(Date.now() + 2_000);
  update();
  assert.deepEqual(ends(), [{ type: 'weight-restored', who: null, why: null, isDated: false }]);
});

test('who still comes to a server of weight 0 is said, where the kernel sends persistent clients on to it', async (t) => {
  const persistent = `${text}\tpersistent=600\nvirtual=192.0.2.3:80\n\treal=10.0.0.1:80 masq\n\tpersistent=60\n`;
  const { steer } = await steering(t, { text: persistent, persistsAtZero: true });
  const note = (names: string) =>
    `persistent clients of ${names} still come to it: set sysctl net.ipv4.vs.expire_quiescent_template=1`;
  assert.deepEqual((await steer.drain(all('10.0.0.1'))).notes, [note('192.0.2.2:80, 192.0.2.3:80')]);
  assert.deepEqual((await steer.undrain(all('10.0.0.1'))).notes, []);
  assert.deepEqual((await steer.setWeight(all('10.0.0.1:81'), 0, null)).notes, [note('192.0.2.2:80')]);
  assert.deepEqual((await steer.setWeight(all('10.0.0.1:81'), 1, null)).notes, []);
  assert.deepEqual((await steer.drain(all('10.0.0.2'))).notes, [], 'nobody is kept there');
  const { steer: free } = await steering(t, { text: persistent });
  assert.deepEqual((await free.drain(all('10.0.0.1'))).notes, []);
});

test('what the table does not have yet is said by place', async (t) => {
  const { steer } = await steering(t, { text: `${text}\tscheduler=rr\n` });
  const drained = await steer.drain(all('10.0.0.1'));
  assert.deepEqual(
    drained.servers.map(({ virtual, server, missing }) => [virtual, server, missing]),
    [
      ['192.0.2.1:80', '10.0.0.1:80', null],
      ['192.0.2.2:80', '10.0.0.1:80', 'refused'],
      ['192.0.2.2:80', '10.0.0.1:81', 'refused'],
    ],
  );
});

test('who is not there is refused, and nothing changes', async (t) => {
  const { steer, found } = await steering(t);
  for (const target of [all('10.0.0.9'), all('../etc/passwd'), { server: '10.0.0.1', virtual: '192.0.2.9:80' }]) {
    await assert.rejects(
      steer.drain(target),
      (error) => error instanceof SteeringRefusal && error.code === 'no-such-server',
    );
  }
  assert.deepEqual(found(), []);
});

test('another weight ends by itself, by hand, and where a later one takes its place', async (t) => {
  const { steer, found, events, update } = await steering(t);
  await steer.setWeight(all('10.0.0.2'), 7, null);
  await steer.setWeight({ server: '10.0.0.1', virtual: '192.0.2.1:80' }, 5, Date.now() + 300);
  await steer.setWeight(all('10.0.0.1:80'), 2, null);
  assert.deepEqual(found(), [
    '10.0.0.1:80 192.0.2.1:80 weight 5',
    '10.0.0.2:80 192.0.2.1:80 weight 7',
    '10.0.0.1:80 192.0.2.2:80 weight 2',
  ]);
  await until('the one with an end has ended', () => {
    update();
    return found()[0] === '10.0.0.1:80 192.0.2.1:80 weight 2';
  });
  await steer.setWeight(all('10.0.0.1'), null, null);
  await steer.setWeight(all('10.0.0.2'), null, null);
  assert.deepEqual(found(), []);
  assert.deepEqual(new Set(events.map(({ type }) => type)), new Set(['weight-overridden', 'weight-restored']));
});

test('what was asked for outlives a restart, and what has ended meanwhile does not', async (t) => {
  const first = await steering(t);
  await first.steer.drain(all('10.0.0.2'));
  await first.steer.setWeight(all('10.0.0.1:81'), 9, null);
  await first.steer.setWeight(all('10.0.0.1:80'), 4, Date.now() - 1);
  const again = await steering(t, { folder: first.folder });
  assert.deepEqual(again.found(), ['10.0.0.2:80 192.0.2.1:80 drain', '10.0.0.1:81 192.0.2.2:80 weight 9']);
});

/** Of 10.0.0.2, as the file of orders has it. */
const order = { kind: 'drain', server: '10.0.0.2:80', virtual: null, weight: 0, until: null };

for (const [name, broken, understood] of [
  ['no JSON', '{', []],
  ['something else', '[]', []],
  ['null', 'null', []],
  ['an order of a kind that nobody knows', { v: 1, orders: [order, { ...order, kind: 'shape' }] }, [order]],
  ['a damaged order', { v: 1, orders: [null, { ...order, weight: -1 }, order] }, [order]],
  ['a version that is half of the first', { v: 2, orders: [order, { from: 'the future' }] }, [order]],
  ['another version', { v: 3, orders: [order, { from: 'the future' }] }, [order]],
] as const) {
  test(`of a file of orders that holds ${name} what is understood counts, and it is kept`, async (t) => {
    const { folder, stateFile } = await steering(t);
    const text = typeof broken === 'string' ? broken : JSON.stringify(broken);
    await writeFile(stateFile, text);
    const { found, steer, lost } = await steering(t, { folder });
    assert.match(lost ?? '', new RegExp(`^${stateFile}: .*; it is kept as ${stateFile}\\.bad$`));
    const drained = understood.map(() => '10.0.0.2:80 192.0.2.1:80 drain');
    assert.deepEqual(found(), drained);
    assert.equal(await readFile(`${stateFile}.bad`, 'utf8'), text);
    const again = await steering(t, { folder });
    assert.deepEqual([again.lost, again.found()], [null, drained], 'another start finds nothing wrong');
    await steer.drain(all('10.0.0.1:81'));
    assert.equal(await readFile(`${stateFile}.bad`, 'utf8'), text, 'nor does another order write over it');
  });
}

test('a file of orders that cannot be read is told, and one that cannot be written makes a drain no less', async (t) => {
  const folder = await temporaryDirectory(t);
  await mkdir(join(folder, 'orders'));
  assert.match((await steering(t, { folder })).lost ?? '', new RegExp(`^${folder}/orders: EISDIR`));
  const nowhere = await steering(t, { stateFile: '/nowhere/orders' });
  const { notes } = await nowhere.steer.drain(all('10.0.0.2'));
  assert.match(notes.join(), /a restart will forget it: .*ENOENT/);
  assert.deepEqual(nowhere.found(), ['10.0.0.2:80 192.0.2.1:80 drain']);
});

test('with maintenancedir a drain is a file in it, which keeps the connections', async (t) => {
  const { drains, steer, found, folder, stateFile } = await steering(t, { maintenancedir: true });
  await steer.drain(all('10.0.0.1:80'));
  assert.deepEqual(await readdir(drains), ['10.0.0.1:80']);
  assert.equal(await readFile(join(drains, '10.0.0.1:80'), 'utf8'), 'drain\n');
  await assert.rejects(readFile(stateFile), { code: 'ENOENT' });
  const drained = ['10.0.0.1:80 192.0.2.1:80 drain', '10.0.0.1:80 192.0.2.2:80 drain'];
  assert.deepEqual(found(), drained);
  assert.deepEqual((await steering(t, { folder, maintenancedir: true })).found(), drained);

  // A file of somebody's own says what it always said, and is not ours to remove.
  await writeFile(join(drains, '10.0.0.2'), '');
  await until('it is seen', () => found().includes('10.0.0.2:80 192.0.2.1:80 down'));
  assert.match((await steer.drain(all('10.0.0.2'))).notes.join(), /^$|is held: file 10\.0\.0\.2 in /);
  await steer.undrain(all('10.0.0.1'));
  await steer.undrain(all('10.0.0.2'));
  assert.deepEqual(await readdir(drains), ['10.0.0.2']);
  assert.deepEqual(found(), ['10.0.0.2:80 192.0.2.1:80 down']);
  await assert.rejects(steer.undrain(all('10.0.0.2')), /held by: file 10\.0\.0\.2 in /);
});

test('orders that come together are carried out one after another', async (t) => {
  const { steer, found } = await steering(t);
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => steer.setWeight(all('10.0.0.2'), index, null)).concat(
      steer.drain(all('10.0.0.2')),
      steer.undrain(all('10.0.0.2')),
    ),
  );
  assert.deepEqual(found(), ['10.0.0.2:80 192.0.2.1:80 weight 19']);
});

const alice: Wish = { who: 'alice', why: 'a disk', force: false };

test('who asked, when and why is told, kept over a restart, and said of what an undrain ends', async (t) => {
  for (const maintenancedir of [false, true]) {
    const before = Date.now();
    const first = await steering(t, { maintenancedir });
    await first.steer.drain(all('10.0.0.2'), alice);
    const [began] = first.events;
    assert.ok(began?.type === 'maintenance-began' && began.since !== null);
    assert.deepEqual([began.who, began.why], ['alice', 'a disk']);
    // A file system counts in ticks.
    assert.ok(began.since > before - 1_000 && began.since <= Date.now(), `${began.since - before}`);
    const again = await steering(t, { folder: first.folder, maintenancedir });
    assert.deepEqual(again.events, first.events);
    const { servers } = await again.steer.undrain(all('10.0.0.2'));
    const [{ ended } = assert.fail()] = servers;
    assert.deepEqual([ended?.who, ended?.since, ended?.why], ['alice', began.since, 'a disk']);
    assert.match(ended?.reason ?? '', /^drained by hand/);
    assert.deepEqual(again.found(), []);
  }
});

test('who drains once more without a reason leaves it to who did so first; with one it is theirs', async (t) => {
  for (const maintenancedir of [false, true]) {
    const { steer, held } = await steering(t, { maintenancedir });
    await steer.drain(all('10.0.0.2'), alice);
    const [first] = held();
    await steer.drain(all('10.0.0.2'), { ...plain, who: 'bob' });
    assert.deepEqual(held(), [first]);
    await steer.drain(all('10.0.0.2'), { who: 'bob', why: 'another disk', force: false });
    const [last] = held();
    assert.deepEqual([last?.who, last?.why], ['bob', 'another disk']);
  }
});

test('a weight says who set it and why, and is told anew by whoever sets it anew', async (t) => {
  const { steer, events } = await steering(t);
  await steer.setWeight(all('10.0.0.2'), 5, null, alice);
  const told = () => events.flatMap((event) => (event.type === 'weight-overridden' ? [[event.who, event.why]] : []));
  assert.deepEqual(told(), [['alice', 'a disk']]);
  await until('the clock goes on', () => Date.now() > ((events[0] as { since?: number }).since ?? 0));
  await steer.setWeight(all('10.0.0.2'), 5, null, { ...plain, who: 'bob' });
  assert.deepEqual(told(), [
    ['alice', 'a disk'],
    ['bob', null],
  ]);
});

test('what would take the last server is refused before anything changes, unless it is forced', async (t) => {
  for (const maintenancedir of [false, true]) {
    const asked: Overrides[] = [];
    const objection = (overrides: Overrides): string => {
      asked.push(overrides);
      return 'it is the last one';
    };
    const { steer, found, events, drains } = await steering(t, { maintenancedir, objection });
    const isRefused = (error: unknown): boolean =>
      error instanceof SteeringRefusal && error.code === 'last-server' && error.message === 'it is the last one';
    await assert.rejects(steer.drain(all('10.0.0.2'), alice), isRefused);
    await assert.rejects(steer.setWeight(all('10.0.0.2'), 0, null, alice), isRefused);
    assert.deepEqual([found(), events], [[], []]);
    if (maintenancedir) assert.deepEqual(await readdir(drains), []);
    assert.deepEqual(
      asked.map(({ byHand }) => byHand.map(({ kind, server, weight }) => [kind, server, weight])),
      [[['drain', '10.0.0.2:80', 0]], [['weight', '10.0.0.2:80', 0]]],
      'what it would come to is asked',
    );
    await steer.drain(all('10.0.0.2'), { ...alice, force: true });
    assert.deepEqual(found(), ['10.0.0.2:80 192.0.2.1:80 drain']);
  }
});
