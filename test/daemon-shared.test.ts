/** Daemons that share a store, which is etcd: each with a table in memory, and a state of its own on disk. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ask, askOnce } from '../src/control/client.js';
import { until } from './helpers/deadline.js';
import { freePort } from './helpers/free-port.js';
import { etcdMissing, startEtcd } from './helpers/servers/etcd.js';
import { all, director, explained, prefix, pretend } from './helpers/shared-director.js';
import { temporaryDirectory } from './helpers/temporary-directory.js';
import { startTroubledWay } from './helpers/troubled-way.js';
import { forced, plain } from './helpers/wish.js';

describe('directors that share a store', { skip: etcdMissing && 'etcd is not installed' }, () => {
  test('a drain and a weight on one are in the tables of all, with who asked, why and where; and so is their end', async (t) => {
    const etcd = await startEtcd();
    t.after(() => etcd.close());
    const [a, b] = [
      await director(t, { name: 'lb1', endpoint: etcd.endpoint }),
      await director(t, { name: 'lb2', endpoint: etcd.endpoint }),
    ];
    await a.daemon.steering.drain(all('10.0.0.1'), { who: 'root (alice)', why: 'a disk', force: false });
    assert.equal(await a.weightOf('10.0.0.1'), 0);
    await b.has('10.0.0.1', 0);
    const [began] = b.told('maintenance-began');
    assert.deepEqual([began?.who, began?.why, began?.on], ['root (alice)', 'a disk', 'lb1']);
    await b.daemon.steering.setWeight(all('10.0.0.2'), 7, Date.now() + 3_600_000, plain);
    await a.has('10.0.0.2', 7);
    assert.match(await etcd.ctl('get', `${prefix}/drain/10.0.0.1:80`, '--print-value-only'), /"why":"a disk"/);
    await b.daemon.steering.undrain(all('10.0.0.1'), { who: 'bob', why: 'it is new' });
    await a.has('10.0.0.1', 1);
    const [ended] = a.told('maintenance-ended');
    assert.deepEqual([ended?.who, ended?.why, ended?.on], ['bob', 'it is new', 'lb2']);
  });

  test('one that was off has a drain before its first change of the table', async (t) => {
    const etcd = await startEtcd();
    t.after(() => etcd.close());
    const a = await director(t, { name: 'lb1', endpoint: etcd.endpoint });
    await a.daemon.steering.drain(all('10.0.0.1'), plain);
    await until('the store has it', async () => (await etcd.ctl('get', '--prefix', `${prefix}/drain/`)) !== '');
    const b = await director(t, { name: 'lb2', endpoint: etcd.endpoint });
    const added = b
      .told('table-changed')
      .flatMap(({ change }) => (change.object === 'real' && change.name === '10.0.0.1:80' ? change.weight : []));
    assert.deepEqual(added, [0]);
  });

  test('a script drains by one key and ends that by deleting it; a key that means nothing is told and passed over', async (t) => {
    const etcd = await startEtcd();
    t.after(() => etcd.close());
    const a = await director(t, { name: 'lb1', endpoint: etcd.endpoint });
    await etcd.ctl('put', `${prefix}/drain/10.0.0.1:80`, 'kernel update');
    await a.has('10.0.0.1', 0);
    assert.deepEqual(
      a.told('maintenance-began').map(({ why }) => why),
      ['kernel update'],
    );
    await etcd.ctl('put', `${prefix}/weight/10.0.0.2`, '5 the cache is cold');
    await a.has('10.0.0.2', 5);
    await etcd.ctl('put', `${prefix}/weight/10.0.0.3:80`, 'much');
    await until('it is told', () => a.told('shared-misread').length === 1);
    assert.equal(await a.weightOf('10.0.0.3'), 1);
    await a.daemon.steering.undrain(all('10.0.0.1'), plain);
    await until('the store has it', async () =>
      (await etcd.ctl('get', `${prefix}/drain/10.0.0.1:80`)).includes('"removed":true'),
    );
    await etcd.ctl('del', `${prefix}/weight/10.0.0.2`);
    await a.has('10.0.0.2', 1);
  });

  test('while the store is away orders are taken, kept over a restart, and merged when it is back', async (t) => {
    const etcd = await startEtcd();
    t.after(() => etcd.close());
    const way = await startTroubledWay(etcd.port);
    t.after(() => way.close());
    const state = await temporaryDirectory(t);
    const near = { name: 'lb1', endpoint: etcd.endpoint };
    const far = { name: 'lb2', endpoint: `http://127.0.0.1:${way.port}`, state };
    const [a, b] = [await director(t, near), await director(t, far)];
    await a.daemon.steering.drain(all('10.0.0.1'), plain);
    await b.has('10.0.0.1', 0);
    way.swallows = true;
    await b.daemon.steering.setWeight(all('10.0.0.2'), 9, null, plain);
    assert.equal(await b.weightOf('10.0.0.2'), 9);
    await a.daemon.steering.undrain(all('10.0.0.1'), plain);
    await a.daemon.steering.drain(all('10.0.0.3'), plain);
    await b.daemon.stop('a restart');
    const again = await director(t, far);
    assert.deepEqual(
      [await again.weightOf('10.0.0.1'), await again.weightOf('10.0.0.2'), await again.weightOf('10.0.0.3')],
      [0, 9, 1],
    );
    way.swallows = false;
    await again.has('10.0.0.1', 1);
    await again.has('10.0.0.3', 0);
    await a.has('10.0.0.2', 9);
  });

  test('a store that is set up anew is told what directors know', async (t) => {
    const etcd = await startEtcd();
    t.after(() => etcd.close());
    const a = await director(t, { name: 'lb1', endpoint: etcd.endpoint });
    await a.daemon.steering.drain(all('10.0.0.1'), plain);
    const has = async (): Promise<boolean> => (await etcd.ctl('get', `${prefix}/drain/10.0.0.1:80`)) !== '';
    await until('the store has it', has);
    await etcd.renew();
    await until('the new one has it', has);
    assert.equal(await a.weightOf('10.0.0.1'), 0);
    assert.deepEqual(a.told('maintenance-ended'), []);
  });

  test('of a store that was brought back from a copy no order is lost, and none that was taken back returns', async (t) => {
    const etcd = await startEtcd();
    t.after(() => etcd.close());
    const state = await temporaryDirectory(t);
    const late = { name: 'lb2', endpoint: etcd.endpoint, state };
    const [a, b] = [await director(t, { name: 'lb1', endpoint: etcd.endpoint }), await director(t, late)];
    await a.daemon.steering.drain(all('10.0.0.1'), plain);
    const stored = async (): Promise<boolean> => {
      const [removed = '', drained = ''] = await Promise.all(
        ['10.0.0.1', '10.0.0.2'].map((server) => etcd.ctl('get', `${prefix}/drain/${server}:80`, '--print-value-only')),
      );
      return removed.includes('"removed":true') && drained.includes('"stamp"') && !drained.includes('"removed"');
    };
    await b.has('10.0.0.1', 0);
    await etcd.copy();
    await a.daemon.steering.undrain(all('10.0.0.1'), plain);
    await a.daemon.steering.drain(all('10.0.0.2'), plain);
    await b.has('10.0.0.2', 0);
    await until('the store has both', stored);
    // One that stays brings it back; and so does one that was off, where nobody else knows.
    await b.daemon.stop('it is off');
    await etcd.bringBack();
    await until('the store has both again', stored);
    await a.daemon.stop('it is off, too');
    await etcd.bringBack();
    assert.equal(await stored(), false);
    const again = await director(t, late);
    await until('the store has both once more', stored);
    for (const one of [a, again]) {
      assert.deepEqual([await again.weightOf('10.0.0.1'), await again.weightOf('10.0.0.2')], [1, 0]);
      assert.equal(one.told('maintenance-ended').filter(({ server }) => server === '10.0.0.2:80').length, 0);
    }
  });

  test('directors see each other, in what they differ, and which of them is gone', async (t) => {
    const etcd = await startEtcd();
    t.after(() => etcd.close());
    const [a, b] = [
      await director(t, { name: 'lb1', endpoint: etcd.endpoint }),
      await director(t, { name: 'lb2', endpoint: etcd.endpoint }),
    ];
    await until('they are ready', async () => (await a.others())[0]?.there?.ready === true);
    assert.deepEqual((await a.others())[0]?.differences, []);
    const like = JSON.parse(await etcd.ctl('get', `${prefix}/directors/lb2`, '--print-value-only')) as object;
    const down = { down: { 'inet tcp 192.0.2.1:80': ['10.0.0.1:80'] } };
    await pretend(etcd, 'lb3', like, { config: 'another' }, down);
    await until('it is seen', async () => (await a.others()).length === 2);
    await until(
      'it differs',
      async () => (await a.others())[1]?.differences.map(({ kind }) => kind).join() === 'configuration,health',
    );
    await b.daemon.stop('it goes');
    await until('it is gone', async () => (await a.others())[0]?.there === null);
    await etcd.ctl('del', `${prefix}/members/lb2`);
    await until('it is forgotten', async () => (await a.others()).map(({ name }) => name).join() === 'lb3');
  });

  test('one asks another for its table and for its connections, and says who is not there', async (t) => {
    const etcd = await startEtcd();
    t.after(() => etcd.close());
    const [a, b] = [
      await director(t, { name: 'lb1', endpoint: etcd.endpoint }),
      await director(t, { name: 'lb2', endpoint: etcd.endpoint }),
    ];
    await etcd.ctl('put', `${prefix}/members/lb9`, '{}');
    await until('they see each other', async () => (await a.others()).length === 2 && (await b.others()).length === 2);
    await a.daemon.steering.drain(all('10.0.0.1'), plain);
    await b.has('10.0.0.1', 0);
    const left = async (): Promise<string> => {
      const found: unknown[] = [];
      for await (const one of ask(a.path, 'connections', { server: '10.0.0.1' })) found.push(one);
      return JSON.stringify(found);
    };
    const expected = JSON.stringify([
      { director: 'lb2', isThere: true, left: { active: 0, inactive: 0, clients: 0 }, open: 0 },
      { director: 'lb9', isThere: false, left: null, open: 0 },
    ]);
    await until('it has said it', async () => (await left()) === expected);
    const plan = (): Promise<unknown> => askOnce(a.path, 'plan-director', { director: 'lb2' });
    assert.equal(await plan(), undefined);
    await assert.rejects(askOnce(a.path, 'plan-director', { director: 'lb9' }), /lb9 is not there/);
    await assert.rejects(askOnce(a.path, 'plan-director', { director: 'lb7' }), /no director is called 'lb7'/);
    await until('nobody asks any more', async () => (await etcd.ctl('get', '--prefix', `${prefix}/asks/`)) === '');
  });

  test('by the votes of most a server is up; what people ask goes before it; without the store each is alone', async (t) => {
    const etcd = await startEtcd();
    t.after(() => etcd.close());
    const a = await director(t, { name: 'lb1', endpoint: etcd.endpoint, more: 'healthvote = majority\n' });
    const mine = (): Promise<string> => etcd.ctl('get', `${prefix}/directors/lb1`, '--print-value-only');
    await until('it is ready', async () => (await mine()).includes('"ready":true'));
    const like = JSON.parse(await mine()) as object;
    const down = { down: { 'inet tcp 192.0.2.1:80': ['10.0.0.1:80', '10.0.0.2:80'] } };
    await pretend(etcd, 'lb2', like, {}, down);
    await pretend(etcd, 'lb3', like, {}, down);
    await until('most see them down', async () => (await a.weightOf('10.0.0.1')) === undefined);
    assert.deepEqual(
      a.told('virtual-voted').map(({ kept, unused }) => [kept, unused]),
      [[0, 2]],
    );
    const shown = async (): Promise<unknown[]> => {
      const { server } = await explained(a.path, '10.0.0.1');
      return [server.state, server.up, server.vote];
    };
    assert.deepEqual(await shown(), ['unused', true, { directors: 3, up: 1 }]);
    assert.equal(await a.weightOf('10.0.0.3'), 1);
    await a.daemon.steering.drain(all('10.0.0.3'), forced);
    await pretend(etcd, 'lb3', like, {});
    await a.has('10.0.0.1', 1);
    assert.equal(await a.weightOf('10.0.0.3'), 0);
    assert.deepEqual(await shown(), ['up', true, null]);
    await until('that is over', () => a.told('virtual-vote-over').length === 1);
  });

  test('an address at two directors is told once it has lasted, a command is run, and that it is over is told', async (t) => {
    const etcd = await startEtcd();
    t.after(() => etcd.close());
    const more = 'splitbrain = echo split\n[role]\nrole = command echo active\n';
    const a = await director(t, { name: 'lb1', endpoint: etcd.endpoint, more });
    const mine = (): Promise<string> => etcd.ctl('get', `${prefix}/directors/lb1`, '--print-value-only');
    await until('it holds the address', async () => (await mine()).includes('"vips":["192.0.2.1"]'));
    const like = JSON.parse(await mine()) as object;
    await pretend(etcd, 'lb2', like, {});
    await until('it is told', () => a.told('split-brain').length === 1);
    await until('the command has run', () => a.told('command-ended').length === 1);
    assert.deepEqual(a.told('command-ended')[0]?.output, ['split 192.0.2.1 lb2']);
    await pretend(etcd, 'lb2', like, { role: 'passive', vips: [] });
    await until('it is over', () => a.told('split-brain-healed').length === 1);
  });

  test('a store that is not there holds nobody up, and an order is taken', async (t) => {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const a = await director(t, { name: 'lb1', endpoint });
    await a.daemon.steering.drain(all('10.0.0.1'), plain);
    assert.equal(await a.weightOf('10.0.0.1'), 0);
  });
});
