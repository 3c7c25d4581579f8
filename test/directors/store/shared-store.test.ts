import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readSettings } from '../../../src/config/settings/settings.js';
import type { StoreSettings } from '../../../src/config/settings/store-rows.js';
import { SharedStore, type StoreNews } from '../../../src/directors/store/shared-store.js';
import type { Event } from '../../../src/events.js';
import { until, within } from '../../helpers/deadline.js';
import { freePort } from '../../helpers/free-port.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { etcdMissing, startEtcd } from '../../helpers/servers/etcd.js';
import { startTcpBlackHole } from '../../helpers/tcp-black-hole.js';
import { startTroubledWay } from '../../helpers/troubled-way.js';

type Test = { after(release: () => Promise<void>): void };

function settingsOf(...lines: readonly string[]): StoreSettings {
  const { settings, diagnostics } = readSettings(['[store]', ...lines].join('\n'));
  assert.deepEqual(diagnostics, []);
  return settings.store;
}

function shared(t: Test) {
  const events: Event[] = [];
  const news: StoreNews[] = [];
  const store = new SharedStore({ instance: 'web', publish: (event) => events.push(event) });
  store.subscribe((one) => news.push(one));
  t.after(() => store.close());
  const told = (): string[] => events.map(({ type }) => type);
  const tells = (expected: readonly string[]) =>
    until(
      () => `told is ${String(expected)}, not ${String(told())}`,
      () => told().join() === expected.join(),
    );
  return { store, events, news, tells };
}

test('without endpoints there is no store, and nobody hears of it', async (t) => {
  const { store, events, news } = shared(t);
  await store.configure(settingsOf());
  assert.equal(store.mirror, null);
  assert.equal(store.state, null);
  await store.close();
  assert.deepEqual([events.length, news.length], [0, 0]);
});

test('a store that is not there is told once, keeps nobody, and is tried anew by a reload', async (t) => {
  const { store, events, tells } = shared(t);
  const settings = settingsOf(`endpoints = http://127.0.0.1:${await freePort()}`);
  await store.configure(settings);
  await within('it was tried', store.mirror?.whenTried(20_000) ?? Promise.reject(new Error('no mirror')));
  await tells(['store-away']);
  const [away] = events;
  assert.ok(away?.type === 'store-away' && away.code === 'ECONNREFUSED', JSON.stringify(away));
  await store.configure({ ...settings });
  await until('it was tried anew', () => (store.state?.fault ?? null) !== null);
  await within('the end', store.close());
  await tells(['store-away']);
});

test('a store that swallows all leaves nothing behind when it is not asked any more', async () => {
  const hole = await startTcpBlackHole();
  try {
    await withoutLeaks(async () => {
      const store = new SharedStore({ instance: 'web', publish: () => {} });
      await store.configure(settingsOf(`endpoints = http://127.0.0.1:${hole.port}`));
      await sleep(100);
      const begun = performance.now();
      await within('the end', store.close());
      assert.ok(performance.now() - begun < 10_000);
    });
  } finally {
    await hole.close();
  }
});

describe('a store that is there', { skip: etcdMissing }, () => {
  test('settings that name it otherwise connect anew and read nothing twice, those that name another one read that', async (t) => {
    const [first, second] = [await startEtcd(), await startEtcd()];
    t.after(() => Promise.all([first.close(), second.close()]).then(() => {}));
    const way = await startTroubledWay(first.port);
    t.after(() => way.close());
    await first.ctl('put', '/ldirectord/web/a', '1');
    await second.ctl('put', '/ldirectord/web/b', '1');
    const { store, news, tells } = shared(t);
    await store.configure(settingsOf(`endpoints = ${first.endpoint}`, 'name = lb1'));
    await tells(['store-back']);
    const { mirror } = store;
    assert.match(await first.ctl('get', '/ldirectord/web/version'), /\{"version":1,"by":"lb1","id":"[0-9a-f-]{36}"\}/);

    await store.configure(settingsOf(`endpoints = ${first.endpoint}`, 'name = lb1'));
    assert.equal(store.mirror, mirror);

    news.splice(0);
    await store.configure(settingsOf(`endpoints = http://127.0.0.1:${way.port}`, 'name = lb1'));
    await tells(['store-back', 'store-back']);
    assert.notEqual(store.mirror, mirror);
    assert.deepEqual(
      news.filter(({ type }) => type !== 'leased').map(({ type }) => type),
      ['left', 'back'],
    );

    await store.configure(settingsOf(`endpoints = ${second.endpoint}`, 'name = lb1'));
    await tells(['store-back', 'store-back', 'store-replaced', 'store-back']);
    assert.deepEqual([...(store.mirror?.entries.keys() ?? [])].toSorted(), ['b', 'version']);

    await store.configure(settingsOf());
    assert.equal(store.mirror, null);
    assert.equal(news.at(-1)?.type, 'left');
  });

  test('that it is away, and back after so long, is told', async (t) => {
    const etcd = await startEtcd();
    t.after(() => etcd.close());
    const { store, events, tells } = shared(t);
    await store.configure(settingsOf(`endpoints = ${etcd.endpoint}`));
    await tells(['store-back']);
    await etcd.end();
    await tells(['store-back', 'store-away']);
    assert.equal(store.state?.isUp, false);
    await etcd.again();
    await tells(['store-back', 'store-away', 'store-back']);
    const back = events.at(-1);
    assert.ok(back?.type === 'store-back' && (back.awayFor ?? 0) > 0 && back.entries === 1, JSON.stringify(back));
  });
});
