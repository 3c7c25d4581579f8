/** Health policies in a daemon with its checks, its table, and a restart. */

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { heldText } from '../src/events/texts.js';
import type { Event } from '../src/events.js';
import { policyFile } from '../src/health/policy-keeper.js';
import { MemoryBackend } from '../src/ipvs/memory.js';
import { unknownOrigin } from '../src/model/origin.js';
import { type DaemonSetting, startDaemon } from './helpers/daemon.js';
import { until } from './helpers/deadline.js';
import { listening } from './helpers/listener.js';
import { temporaryDirectory } from './helpers/temporary-directory.js';
import { plain } from './helpers/wish.js';

/** A server of HTTP that answers 200, or 503 while it is not well. */
async function webServer(t: TestContext) {
  const state = { well: true };
  const server = createServer((_, response) => {
    response.statusCode = state.well ? 200 : 503;
    response.end();
  });
  return { state, port: await listening(t, server) };
}

function virtual(ports: readonly number[], ...lines: readonly string[]): string {
  const reals = ports.map((port) => `real=127.0.0.1:${port} masq 100`);
  const own = [...reals, 'service=http', 'checkinterval=600', ...lines];
  return `virtual=192.0.2.1:80\n${own.map((line) => `\t${line}\n`).join('')}`;
}

async function started(t: TestContext, text: string, setting: Partial<DaemonSetting> = {}) {
  const backend = setting.backend ?? new MemoryBackend();
  const found = await startDaemon(t, text, { ...setting, backend });
  const { daemon, events } = found;
  const target = (port: number) => ({ server: `127.0.0.1:${port}`, virtual: null });
  const weights = async (): Promise<number[]> =>
    [...(await backend.read()).values()].flatMap(({ destinations }) =>
      [...destinations.values()].map(({ weight }) => weight),
    );
  const shown = async (port: number) => {
    const { virtuals } = await daemon.describe();
    const server = virtuals.flatMap(({ servers }) => servers).find(({ name }) => name === `127.0.0.1:${port}`);
    assert.ok(server);
    return server;
  };
  const weigh = (expected: readonly number[]) =>
    until(`weights ${expected.join()}`, async () => (await weights()).toSorted().join() === expected.toSorted().join());
  const check = (port: number) => daemon.checkNow(target(port));
  const told = (type: Event['type']): Event[] => events.filter((event) => event.type === type);
  return { ...found, target, weights, shown, weigh, check, told };
}

test('a server that falls is held out for a time though its checks pass, and let back by itself', async (t) => {
  const [one, two] = [await webServer(t), await webServer(t)];
  const text = virtual([one.port, two.port], 'flapdamping=2 60', 'downinterval=1');
  const { check, weigh, shown, told } = await started(t, text);
  await weigh([100, 100]);
  one.state.well = false;
  await check(one.port);
  await weigh([100]);
  one.state.well = true;
  await until('it is told to be held', () => told('server-held').length > 0);
  const held = await shown(one.port);
  assert.deepEqual([held.up, held.inUse, held.heldBy, held.held], [true, false, 'damping', 'flapdamping after 1 fall']);
  assert.ok(held.heldUntil !== null);
  await weigh([100, 100]);
  const ended = told('server-released').map((event) => event.type === 'server-released' && [event.by, event.who]);
  assert.deepEqual(ended, [['damping', null]], 'by itself');
});

test('a check on request lets back who only fell too often', async (t) => {
  const [one, two] = [await webServer(t), await webServer(t)];
  const { check, weigh } = await started(t, virtual([one.port, two.port], 'flapdamping=600 600'));
  await weigh([100, 100]);
  one.state.well = false;
  await check(one.port);
  await weigh([100]);
  one.state.well = true;
  await check(one.port);
  await weigh([100, 100]);
});

test('with resume=manual a server that was down waits to be undrained, over a restart, too', async (t) => {
  const [one, two] = [await webServer(t), await webServer(t)];
  const text = virtual([one.port, two.port], 'resume=manual', 'downinterval=1');
  const file = policyFile(join(await temporaryDirectory(t), 'policies'));
  const backend = new MemoryBackend();
  const before = await started(t, text, { backend, policies: { file, before: (await file.read()).state } });
  await before.weigh([100, 100]);
  one.state.well = false;
  await before.check(one.port);
  await before.weigh([100]);
  one.state.well = true;
  await until('it is told to be held', () => before.told('server-held').length > 0);
  await before.daemon.leave('a test');

  const { state, fault } = await file.read();
  assert.equal(fault, null);
  const after = await started(t, text, { policies: { file, before: state } });
  await until('it is told to be held', () => after.told('server-held').length > 0);
  await after.weigh([100]);
  assert.equal((await after.shown(one.port)).heldBy, 'resume');
  await after.daemon.steering.undrain(after.target(one.port), { who: 'alice', why: 'its disk is new' });
  await after.weigh([100, 100]);
  const [released] = after.told('server-released');
  assert.ok(released?.type === 'server-released' && released.since !== null);
  assert.deepEqual([released.by, released.who, released.why], ['resume', 'alice', 'its disk is new']);
  assert.match(heldText(released), /^Held out no longer: .* by alice at .*: its disk is new$/);
  await assert.rejects(after.daemon.steering.undrain(after.target(one.port), unknownOrigin), /is not drained by hand/);
});

test('a server that comes back gets its weight step by step, which is no news', async (t) => {
  const [one, two] = [await webServer(t), await webServer(t)];
  const { daemon, weigh, weights, shown, told, target } = await started(
    t,
    virtual([one.port, two.port], 'slowstart=4', 'scheduler=wlc'),
  );
  await weigh([100, 100]);
  await daemon.steering.drain(target(one.port), plain);
  await weigh([0, 100]);
  await daemon.steering.undrain(target(one.port), unknownOrigin);
  const seen = new Set<number>();
  await until('it has all of it', async () => {
    const now = await weights();
    for (const weight of now) seen.add(weight);
    const { weighed } = await shown(one.port);
    if (weighed !== null) assert.ok(weighed.next !== null && weighed.next.weight > 0);
    return now.join() === '100,100';
  });
  for (const weight of seen) assert.ok([0, 10, 33, 55, 78, 100].includes(weight), String(weight));
  assert.ok(seen.size > 2);
  assert.equal(told('server-growing').length, 1);
  const changes = told('table-changed').flatMap((event) => (event.type === 'table-changed' ? event.change.action : []));
  assert.ok(changes.includes('weighed'));
  // Back, and all of it back.
  assert.ok(changes.filter((action) => action === 'restored').length <= 2);
});

test('successes in a row count on after a restart', async (t) => {
  const one = await webServer(t);
  const text = virtual([one.port], 'risecount=3');
  const file = policyFile(join(await temporaryDirectory(t), 'policies'));
  const before = await started(t, text, { policies: { file, before: (await file.read()).state } });
  await before.weigh([100]);
  one.state.well = false;
  await before.check(one.port);
  one.state.well = true;
  await before.check(one.port);
  await before.daemon.leave('a test');
  const after = await started(t, text, { policies: { file, before: (await file.read()).state } });
  await until('a second success', () => after.told('server-rising').length > 0);
  const [rising] = after.told('server-rising');
  assert.equal(rising?.type === 'server-rising' && rising.successes, 2);
  assert.deepEqual(await after.weights(), []);
  await after.check(one.port);
  await after.weigh([100]);
});

test('a service goes with the one that it tracks', async (t) => {
  const [front, back] = [await webServer(t), await webServer(t)];
  const text = `${virtual([front.port], 'track=192.0.2.2:80')}\n${virtual([back.port]).replace('192.0.2.1', '192.0.2.2')}`;
  const { check, weigh, shown } = await started(t, text);
  await weigh([100, 100]);
  back.state.well = false;
  await check(back.port);
  await weigh([]);
  const lost = await shown(front.port);
  assert.equal(lost.held, 'tracks 192.0.2.2:80, which has no real server in use');
  back.state.well = true;
  await check(back.port);
  await weigh([100, 100]);
});

test('a file of policies that is not understood is put aside, and told', async (t) => {
  const folder = await temporaryDirectory(t);
  const path = join(folder, 'policies');
  for (const text of [
    '{',
    '{"v":2}',
    '{"v":1,"at":0,"servers":[],"below":[]}',
    '{"v":1,"at":0,"servers":{"a":{"past":1}},"below":[]}',
  ]) {
    await writeFile(path, text);
    const { state, fault } = await policyFile(path).read();
    assert.equal(state.servers.size, 0);
    assert.match(fault ?? '', /policies: .*; it is kept as .*policies\.bad$/);
    assert.equal(await readFile(`${path}.bad`, 'utf8'), text);
  }
  assert.deepEqual((await policyFile(path).read()).fault, null);
});

test('that all checks begin to fail at once is told, and when one passes again', async (t) => {
  const servers = [await webServer(t), await webServer(t), await webServer(t)];
  const { check, weigh, told } = await started(t, virtual(servers.map(({ port }) => port)));
  await weigh([100, 100, 100]);
  for (const { state } of servers) state.well = false;
  for (const { port } of servers) await check(port);
  await until('it is told', () => told('director-isolated').length > 0);
  const [event] = told('director-isolated');
  assert.ok(event?.type === 'director-isolated' && event.checks === 3 && event.network !== '');
  const [first] = servers;
  assert.ok(first);
  first.state.well = true;
  await check(first.port);
  assert.equal(told('director-reaches').length, 1);
  assert.equal(told('director-isolated').length, 1);
});
