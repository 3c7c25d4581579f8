/** What a daemon answers to who asks for a part of what can be seen of it. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MemoryBackend } from '../src/ipvs/memory.js';
import type { Schema } from '../src/observe/http/schemas/schema.js';
import type { ServersAnswer, StatusAnswer, VirtualsAnswer } from '../src/observe/http/shapes.js';
import { startDaemon } from './helpers/daemon.js';
import { until } from './helpers/deadline.js';
import { freePort } from './helpers/free-port.js';
import { misfits } from './helpers/json-schema.js';
import { fetched } from './helpers/web-site.js';

const text = `
virtual=192.0.2.1:80
	real=10.0.0.1:80 masq
	real=10.0.0.2:80 masq
	servicename=Shop
	checktype=on
virtual=192.0.2.2:80
	real=10.0.0.2:80 masq
	real=10.0.0.3:80 masq
	checktype=off
virtual=7
	real=10.0.0.9:0 gate
	checktype=on
`;

async function site(t: TestContext, settings = '') {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const found = await startDaemon(t, text, {
    backend: new MemoryBackend(),
    settings: `http = 127.0.0.1:${port}\n${settings}`,
  });
  await until('it listens', async () => (await fetch(`${base}/healthz`).catch(() => null))?.ok === true);
  await found.daemon.missing();
  const get = async <T>(path: string): Promise<T> => JSON.parse(await fetched(base + path)) as T;
  return { ...found, base, get };
}

test('the API gives what is asked for, page after page, and says how much there is', async (t) => {
  const { base, get } = await site(t);
  const whole = await get<StatusAnswer>('/api/v1/status');
  assert.equal(whole.page, undefined);
  assert.equal(whole.virtuals.length, 3);
  const shop = await get<StatusAnswer>('/api/v1/status?search=shop');
  assert.deepEqual(
    shop.virtuals.map(({ name, servers }) => [name, servers.length]),
    [['192.0.2.1:80', 2]],
  );
  assert.deepEqual([shop.page?.found.servers, shop.page?.next, shop.counts.servers], [2, null, 5]);
  const down = await get<VirtualsAnswer>('/api/v1/virtuals?state=problem');
  assert.deepEqual(
    down.virtuals.map(({ name, servers }) => [name, servers]),
    [['192.0.2.2:80', 2]],
  );
  const names: string[] = [];
  for (let after = ''; ; ) {
    const page = await get<ServersAnswer>(`/api/v1/servers?limit=2&after=${encodeURIComponent(after)}`);
    assert.equal(page.found.servers, 5);
    names.push(page.places.map(({ virtual, status }) => `${virtual.name} ${status.name}`).join(', '));
    if (page.next === null) break;
    after = page.next;
  }
  assert.deepEqual(names, [
    '192.0.2.1:80 10.0.0.1:80, 192.0.2.1:80 10.0.0.2:80',
    '192.0.2.2:80 10.0.0.2:80, 192.0.2.2:80 10.0.0.3:80',
    '7 10.0.0.9:0',
  ]);
  const one = await get<ServersAnswer>('/api/v1/servers?virtual=tcp/192.0.2.2:80&search=10.0.0.3');
  assert.deepEqual(
    one.places.map(({ status }) => status.name),
    ['10.0.0.3:80'],
  );
  for (const query of [
    'limit=0',
    'limit=x',
    'state=ill',
    'state=',
    `search=${'x'.repeat(201)}`,
    'after=tcp/nobody:1',
  ]) {
    if (query === 'state=') await fetched(`${base}/api/v1/status?${query}`);
    else await fetched(`${base}/api/v1/status?${query}`, 400);
  }
});

test('of a part of a service it is said what the whole is like, and such answers are as they are described', async (t) => {
  const { get } = await site(t);
  const { components } = await get<{ readonly components: { readonly schemas: Readonly<Record<string, Schema>> } }>(
    '/api/v1/openapi.json',
  );
  const { schemas } = components;
  const fits = (answer: unknown, name: string): void =>
    assert.deepEqual(misfits(answer, schemas[name] ?? {}, schemas), []);
  const one = await get<StatusAnswer>('/api/v1/status?limit=2&servers=1');
  assert.deepEqual(
    one.virtuals.map(({ servers, whole }) => [servers.length, whole?.servers, whole?.inUse, whole?.found]),
    [
      [1, 2, 2, 2],
      [1, 2, 0, 2],
    ],
  );
  assert.equal(one.page?.next, 'tcp/192.0.2.2:80');
  fits(one, 'Status');
  const searched = await get<StatusAnswer>('/api/v1/status?search=10.0.0.1');
  assert.deepEqual(
    searched.virtuals.map(({ servers, whole }) => [servers.length, whole?.servers, whole?.found]),
    [[1, 2, 1]],
  );
  fits(await get('/api/v1/virtuals?search=10.0.0.1'), 'Virtuals');
  fits(await get('/api/v1/servers?limit=1'), 'Servers');
});

test('metrics are of the servers that the settings want, also after a reload', async (t) => {
  const { base } = await site(t, 'metrics = problems\n');
  const metrics = await fetched(`${base}/metrics`);
  assert.deepEqual(metrics.match(/^ldirectord_server_up\{.*/gm), [
    'ldirectord_server_up{protocol="tcp",virtual="192.0.2.2:80",server="10.0.0.2:80"} 0',
    'ldirectord_server_up{protocol="tcp",virtual="192.0.2.2:80",server="10.0.0.3:80"} 0',
  ]);
  assert.match(metrics, /^ldirectord_virtual_servers_up\{protocol="tcp",virtual="192\.0\.2\.1:80"\} 2$/m);
});
