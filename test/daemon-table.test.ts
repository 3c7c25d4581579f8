/** What a director says and does where its table is slow, refuses, or is asked for by many. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDaemon } from './helpers/daemon.js';
import { until } from './helpers/deadline.js';
import { standing, Troubled } from './reconcile/watched.js';

async function started(t: TestContext, text: string, backend = new Troubled()) {
  return { ...(await startDaemon(t, text, { backend })), backend };
}

const refused = '10.0.0.1';
const text = `virtual=192.0.2.1:80\n\treal=${refused}:80 gate\n\tfallback=127.0.0.1:80\n\tchecktype=on\n`;

/** Takes everything but one server. */
function refusing(): Troubled {
  const backend = new Troubled();
  backend.refuse = (operation) =>
    'destination' in operation && operation.destination.address === refused
      ? { code: 'ERANGE', message: 'a threshold that cannot be' }
      : null;
  return backend;
}

test('a server that the table refuses is not in use: its fallback comes in, and both are told', async (t) => {
  const { daemon, events, backend } = await started(t, text, refusing());
  await until('the fallback is in', async () => (await standing(backend))['tcp 192.0.2.1:80']?.length === 1);
  assert.deepEqual(await standing(backend), { 'tcp 192.0.2.1:80': ['127.0.0.1:80 1'] });
  assert.ok(events.some(({ type }) => type === 'virtual-down'));
  const [virtual] = (await daemon.describe()).virtuals;
  assert.deepEqual([virtual?.inUse, virtual?.fallback?.inUse, virtual?.servers[0]?.weight], [false, true, null]);

  const outcome = await daemon.reload();
  assert.deepEqual(outcome.ok && outcome.missing, ['10.0.0.1:80 (192.0.2.1:80): a threshold that cannot be (ERANGE)']);

  backend.refuse = null;
  await until('it serves', async () => (await standing(backend))['tcp 192.0.2.1:80']?.join() === '10.0.0.1:80 1');
  await until('that is told', () => events.some(({ type }) => type === 'virtual-up'));
  const again = await daemon.reload();
  assert.deepEqual(again.ok && again.missing, []);
});

test('a server that serves goes when the fallback is in, where what was to replace it is refused', async (t) => {
  const { daemon, file, events, backend } = await started(t, text.replace(refused, '10.0.0.2'), refusing());
  await writeFile(file, text);
  events.length = 0;
  await daemon.reload();
  await until(
    'the fallback alone is in',
    async () => (await standing(backend))['tcp 192.0.2.1:80']?.join() === '127.0.0.1:80 1',
  );
  const changes = events.flatMap((event) => (event.type === 'table-changed' ? [event.change] : []));
  assert.deepEqual(
    changes.map(({ object, action }) => `${action} ${object}`),
    ['added fallback', 'purged real'],
  );
});

test('a reload waits for its table', async (t) => {
  const { daemon, file, backend } = await started(t, text);
  const servers = Array.from({ length: 1_500 }, (_, index) => `\treal=10.1.${index >> 8}.${index & 255}:80 gate\n`);
  await writeFile(file, `${text}virtual=192.0.2.2:80\n${servers.join('')}\tchecktype=on\n`);
  backend.gate = () => sleep(20);
  const outcome = await daemon.reload();
  assert.deepEqual(outcome.ok && outcome.missing, []);
  assert.equal((await standing(backend))['tcp 192.0.2.2:80']?.length, servers.length);
});

test('a backend that does not answer is what a reload names', async (t) => {
  const { daemon, file, backend } = await started(t, text);
  await writeFile(file, text.replace('gate', 'gate 7'));
  backend.apply = () => Promise.reject(Object.assign(new Error('the kernel is away'), { code: 'EIO' }));
  const outcome = await daemon.reload();
  assert.deepEqual(outcome.ok && outcome.missing, ['memory: the kernel is away (EIO)']);
});

test('however many ask what there is to see, the table is read once at a time', async (t) => {
  const { daemon, backend } = await started(
    t,
    `${text}virtual=192.0.2.2:80\n\treal=10.0.0.9:80 gate\n\tchecktype=on\n`,
  );
  const { reads } = backend;
  const target = { server: '10.0.0.9', virtual: null };
  const request = { text: null, name: null, strict: false };
  const explained = await Promise.all(Array.from({ length: 90 }, () => daemon.explain(target)));
  assert.ok(explained.every(({ length }) => length === 1));
  await Promise.all(Array.from({ length: 90 }, () => daemon.plan(request)));
  assert.ok(backend.reads - reads < 40, `${backend.reads - reads} reads, with those of looks`);
});
