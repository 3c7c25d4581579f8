import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../../helpers/deadline.js';
import { freePort } from '../../helpers/free-port.js';
import { type Etcd, etcdMissing, startEtcd, startEtcdCluster } from '../../helpers/servers/etcd.js';
import { startTroubledWay, type TroubledWay } from '../../helpers/troubled-way.js';
import { mirrored } from './mirrored.js';

describe('the mirror of a store', { skip: etcdMissing }, () => {
  let etcd: Etcd;
  let way: TroubledWay;
  let count = 0;
  before(async () => {
    etcd = await startEtcd();
  });
  after(() => etcd?.close());

  /** A prefix of its own, and a way of its own there. */
  async function begin(t: { after(release: () => Promise<void>): void }, deadline?: number) {
    count += 1;
    const prefix = `/ldirectord/mirror${count}`;
    const own = await startTroubledWay(etcd.port);
    way = own;
    t.after(() => own.close());
    const endpoint = `http://127.0.0.1:${own.port}`;
    return { prefix, ...mirroredBy(t, { endpoints: [endpoint], prefix, ...(deadline && { deadline }) }) };
  }
  const mirroredBy = (...args: Parameters<typeof mirrored>) => {
    const one = mirrored(...args);
    return { one, mirror: one.mirror };
  };
  const write = (prefix: string, key: string, value: string) => etcd.ctl('put', `${prefix}/${key}`, value);

  test('what is there is copied, and what comes', async (t) => {
    const { prefix, one, mirror } = await begin(t);
    await mirror.whenTried(20_000);
    assert.equal(mirror.state.isUp, true);
    await one.put('a', '1');
    await write(prefix, 'b', '2');
    await one.copies({ a: '1', b: '2' });
    await etcd.ctl('del', `${prefix}/a`);
    await one.copies({ b: '2' });
    const { mirror: second, one: other } = mirroredBy(t, { endpoints: [etcd.endpoint], prefix });
    await other.next('back');
    await other.copies({ b: '2' });
    assert.ok(second.state.revision > 0 && (second.state.latency ?? 0) > 0);
    assert.equal(second.state.reconnects, 0);
  });

  test('a connection that breaks is made again, and goes on at the next revision', async (t) => {
    const { prefix, one, mirror } = await begin(t);
    await one.next('back');
    await one.put('a', '1');
    await one.copies({ a: '1' });
    await new Promise((resolve) => setTimeout(resolve, 400));
    way.breakOff();
    await write(prefix, 'a', '2');
    await one.copies({ a: '2' });
    assert.equal((await one.next('back')).isOfAnotherPast, false);
    assert.equal(one.reads, 1);
    assert.ok(mirror.state.reconnects >= 1);
    assert.deepEqual(
      one.news.filter(({ type }) => type === 'away'),
      [],
    );
  });

  test('what is swallowed is away, and back when it is not', async (t) => {
    const { prefix, one, mirror } = await begin(t, 400);
    await one.next('back');
    way.swallows = true;
    const { fault } = await one.next('away');
    assert.equal(fault.kind, 'away');
    assert.match(fault.message, /^http:\/\/127\.0\.0\.1:\d+: no answer within 0\.4 s$/);
    assert.equal(mirror.state.isUp, false);
    const refused = await mirror.write({ operations: [{ type: 'put', key: 'a', value: '1' }] });
    assert.equal(refused.ok ? null : refused.fault.kind, 'away');
    await write(prefix, 'a', '2');
    way.swallows = false;
    await one.copies({ a: '2' });
    await one.next('back');
    assert.equal(one.reads, 1);
  });

  test('what was compacted while it was away is read whole', async (t) => {
    const { prefix, one } = await begin(t, 400);
    await one.next('back');
    await one.put('gone', '1');
    await one.put('stays', '1');
    await one.copies({ gone: '1', stays: '1' });
    way.swallows = true;
    await one.next('away');
    await etcd.ctl('del', `${prefix}/gone`);
    await write(prefix, 'new', '1');
    const status = JSON.parse(await etcd.ctl('get', 'none', '-w', 'json')) as { header: { revision: number } };
    await etcd.ctl('compaction', String(status.header.revision));
    way.swallows = false;
    await one.copies({ new: '1', stays: '1' });
    assert.equal(one.reads, 2);
    assert.equal((await one.next('back')).isOfAnotherPast, false);
  });

  test('a watch that says nothing while the store goes on is begun anew', async (t) => {
    const { prefix, one, mirror } = await begin(t);
    await one.next('back');
    way.mute('/v3/watch');
    await write(prefix, 'a', '1');
    await one.copies({ a: '1' });
    assert.equal(mirror.state.isUp, true);
    assert.equal(one.reads, 1);
  });

  test('a store that takes its time is no store that is away', async (t) => {
    const { one, mirror } = await begin(t, 2_000);
    await one.next('back');
    way.delay = 300;
    await one.put('a', '1');
    await one.copies({ a: '1' });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert.ok((mirror.state.latency ?? 0) >= 300);
    assert.deepEqual(
      one.news.filter(({ type }) => type === 'away'),
      [],
    );
  });

  test('the next endpoint takes over, without a word where it does at once', async (t) => {
    count += 1;
    const prefix = `/ldirectord/mirror${count}`;
    const [first, second] = [await startTroubledWay(etcd.port), await startTroubledWay(etcd.port)];
    t.after(() => Promise.all([first.close(), second.close()]).then(() => {}));
    const dead = `http://127.0.0.1:${await freePort()}`;
    const endpoints = [dead, ...[first, second].map(({ port }) => `http://127.0.0.1:${port}`)];
    const { one, mirror } = mirroredBy(t, { endpoints, prefix });
    await one.next('back');
    assert.equal(mirror.state.endpoint, endpoints[1]);
    await first.close();
    await one.next('back');
    assert.equal(mirror.state.endpoint, endpoints[2]);
    assert.deepEqual(
      one.news.filter(({ type }) => type === 'away'),
      [],
    );
    await second.close();
    await one.next('away');
    const said = () => mirror.state.fault?.message ?? '';
    await until(
      () => `nobody listens at any of them: ${said()}`,
      () => endpoints.every((endpoint) => said().includes(`${endpoint}: nobody listens there`)),
    );
  });

  test('who has lost its lease gets another one, and hands it back at the end', async (t) => {
    const { prefix, one, mirror } = await begin(t);
    const { lease } = await one.next('leased');
    await mirror.write({ operations: [{ type: 'put', key: 'mine', value: '1', lease }] });
    await one.copies({ mine: '1' });
    await etcd.ctl('lease', 'revoke', BigInt(lease).toString(16));
    await one.copies({});
    // Whoever writes with it hears of it, and so does who keeps it.
    const late = await mirror.write({ operations: [{ type: 'put', key: 'mine', value: '1', lease }] });
    assert.equal(late.ok ? null : late.fault.kind, 'lease-lost');
    const { lease: second } = await one.next('leased');
    assert.notEqual(second, lease);
    assert.equal(mirror.lease, second);
    await mirror.write({ operations: [{ type: 'put', key: 'mine', value: '2', lease: second }] });
    await mirror.close();
    assert.equal(await etcd.ctl('get', `${prefix}/mine`), '');
  });

  test('data of a version that is not known is left alone', async (t) => {
    count += 1;
    const prefix = `/ldirectord/mirror${count}`;
    await write(prefix, 'version', '{"version":2}');
    await write(prefix, 'a', '1');
    const { one, mirror } = mirroredBy(t, { endpoints: [etcd.endpoint], prefix });
    const { fault } = await one.next('away');
    assert.equal(fault.code, 'version-unknown');
    assert.equal(mirror.entries.size, 0);
  });

  test('a store that was set up anew is read whole, and it is told', async (t) => {
    const { prefix, one } = await begin(t);
    await one.next('back');
    for (const key of ['a', 'b', 'c']) await one.put(key, '1');
    await one.copies({ a: '1', b: '1', c: '1' });
    const seen = one.news.length;
    await etcd.renew();
    assert.equal((await one.next('back')).isOfAnotherPast, true);
    // Nobody has deleted them: whoever hears of the changes has heard before that they are none.
    const told = one.news.slice(seen).filter(({ type }) => type !== 'leased');
    const at = told.findIndex((news) => news.type === 'away' && news.fault.code === 'another-past');
    assert.ok(at >= 0, JSON.stringify(told));
    assert.ok(told.findIndex(({ type }) => type === 'changes') > at, JSON.stringify(told));
    await one.copies({});
    await write(prefix, 'a', '0');
    await one.copies({ a: '0' });
  });

  test('one that was brought back from a copy is known for that, also where it has gone further by then', async (t) => {
    count += 1;
    const prefix = `/ldirectord/mirror${count}`;
    const way = await startTroubledWay(etcd.port);
    t.after(() => way.close());
    const { one } = mirroredBy(t, { endpoints: [`http://127.0.0.1:${way.port}`], prefix });
    await one.next('back');
    await one.put('a', '1');
    const made = await etcd.ctl('get', `${prefix}/version`, '--print-value-only');
    await etcd.copy();
    await one.put('b', '1');
    await one.copies({ a: '1', b: '1' });
    way.swallows = true;
    await etcd.bringBack();
    for (let more = 0; more < 9; more += 1) await write(prefix, 'c', String(more));
    way.swallows = false;
    way.breakOff();
    assert.equal((await one.next('back')).isOfAnotherPast, true);
    await one.copies({ a: '1', c: '8' });
    // So that others see it, who may not have asked for what is gone.
    assert.notEqual(await etcd.ctl('get', `${prefix}/version`, '--print-value-only'), made);
  });

  test('a store that ends is away, and is back when it is', async (t) => {
    const { prefix, one } = await begin(t);
    await one.next('back');
    await one.put('a', '1');
    await etcd.end();
    await one.next('away');
    await etcd.again();
    await one.next('back');
    await write(prefix, 'b', '1');
    await one.copies({ a: '1', b: '1' });
    assert.equal(one.reads, 1);
  });
});

test('of a cluster a member that is cut off from the others is not believed', { skip: etcdMissing }, async (t) => {
  const members = await startEtcdCluster(3);
  t.after(() => Promise.all(members.map((one) => one.close())).then(() => {}));
  const one = mirrored(t, { endpoints: members.map(({ endpoint }) => endpoint), deadline: 3_000 });
  await one.next('back');
  await one.put('a', '1');
  const [first, second, third] = members;
  assert.equal(one.mirror.state.endpoint, first?.endpoint);
  await first?.end();
  await until('another one answers', () => one.mirror.state.isUp && one.mirror.state.endpoint !== first?.endpoint);
  await until('it takes writes', async () => {
    const outcome = await one.mirror.write({ operations: [{ type: 'put', key: 'a', value: '2' }] });
    return outcome.ok;
  });
  await one.copies({ a: '2' });
  // Whichever it is that answers now, it is alone.
  const other = one.mirror.state.endpoint === second?.endpoint ? third : second;
  await other?.end();
  await one.next('away');
  assert.equal(one.mirror.entries.get('a')?.value, '2');
  await Promise.all([first, other].map((member) => member?.again()));
  await until('it answers', () => one.mirror.state.isUp);
  await one.put('b', '1');
  await one.copies({ a: '2', b: '1' });
  assert.equal(one.reads, 1);
});
