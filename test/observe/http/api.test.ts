import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schema } from '../../../src/observe/http/schemas/schema.js';
import { until } from '../../helpers/deadline.js';
import { misfits } from '../../helpers/json-schema.js';
import { fetched, webSite } from '../../helpers/web-site.js';

interface Media {
  readonly schema?: Schema;
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, Media>> }>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const token = 'correct-horse-battery';
const actions = { drain: async () => {}, undrain: async () => {} };

/** What stands for the names in paths. */
const named: Readonly<Record<string, string>> = {
  protocol: 'tcp',
  virtual: encodeURIComponent('192.0.2.1:80'),
  server: '10.0.0.2:80',
  file: 'style.css',
};

test('every path of the description answers as it says, and no answer has what is not described', async (t) => {
  const { base, bus } = await webSite(t, { actions, settings: { httpToken: token }, unready: () => [] });
  const subject = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80', server: '10.0.0.1:80' } as const;
  bus.publish({ type: 'server-up', ...subject, reason: 'response: status 200' });
  bus.publish({ type: 'virtual-up', family: 'inet', protocol: 'tcp', virtual: subject.virtual });
  bus.publish({ type: 'table-kept', read: 1, plan: 1, apply: 0, operations: 0, ok: true });
  await until('there is a history', async () => (await fetch(`${base}/api/v1/history`)).status === 200);
  const document = JSON.parse(await fetched(`${base}/api/v1/openapi.json`)) as Document;
  assert.equal(document.openapi, '3.1.0');
  const { schemas } = document.components;
  const asked = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  assert.deepEqual(
    asked.map(({ method, path }) => `${method} ${path}`),
    [
      'GET /',
      'GET /page/{file}',
      'GET /healthz',
      'GET /readyz',
      'GET /metrics',
      'GET /api/v1/status',
      'GET /api/v1/virtuals',
      'GET /api/v1/virtuals/{protocol}/{virtual}',
      'GET /api/v1/virtuals/{protocol}/{virtual}/history',
      'GET /api/v1/history',
      'GET /api/v1/servers',
      'GET /api/v1/servers/{server}',
      'GET /api/v1/servers/{server}/events',
      'GET /api/v1/events',
      'GET /events',
      'POST /api/v1/servers/{server}/drain',
      'POST /api/v1/servers/{server}/undrain',
      'GET /api/v1/openapi.json',
    ],
  );
  for (const { path, method, operation } of asked) {
    const url = base + path.replaceAll(/\{(\w+)\}/g, (_, name: string) => named[name] ?? assert.fail(name));
    const leaving = new AbortController();
    const response = await fetch(url, {
      method,
      headers: { Authorization: `Bearer ${token}` },
      signal: leaving.signal,
    });
    assert.equal(response.status, 200, url);
    const [[type, media] = assert.fail()] = Object.entries(operation.responses['200']?.content ?? {});
    if (path !== '/page/{file}') assert.ok(response.headers.get('content-type')?.startsWith(type), url);
    if (media.schema !== undefined) assert.deepEqual(misfits(await response.json(), media.schema, schemas), [], url);
    leaving.abort();
    for (const name of ['nothing', '%20']) {
      if (!path.includes('{')) continue;
      const wrong = await fetch(base + path.replaceAll(/\{\w+\}/g, name), {
        method,
        headers: { Authorization: `Bearer ${token}` },
      });
      assert.equal(wrong.status, 404, path);
      assert.deepEqual(misfits(await wrong.json(), schemas['Problem'] ?? assert.fail(), schemas), [], path);
    }
  }
});

test('a mark of IPv6 has an address of its own, and names of addresses need no escape', async (t) => {
  const { base } = await webSite(t);
  assert.equal(JSON.parse(await fetched(`${base}/api/v1/virtuals/fwm6/7`)).name, '7');
  await fetched(`${base}/api/v1/virtuals/fwm/7`, 404);
  const { places } = JSON.parse(await fetched(`${base}/api/v1/servers/10.0.0.1:80`));
  assert.deepEqual(
    places.map((place: { virtual: { name: string } }) => place.virtual.name),
    ['192.0.2.1:80', '7'],
  );
});

test('events are told in the words of the log, from a number on, and as many as are asked for', async (t) => {
  const { base, bus } = await webSite(t);
  for (let at = 0; at < 5; at += 1) bus.publish({ type: 'config-changed', file: `/${at}<script>` });
  const events = async (query: string) => JSON.parse(await fetched(`${base}/api/v1/events${query}`)).events;
  const all = await events('');
  assert.equal(all.at(-1).lines[0], "Configuration file '/4<script>' has changed on disk");
  const last = all.at(-1).number;
  assert.equal((await events(`?after=${last - 2}`)).length, 2);
  assert.equal((await events('?limit=3')).length, 3);
  assert.equal((await events('?limit=0')).length, 0);
  for (const query of ['?after=x', '?limit=-1', '?after=1.5']) await fetched(`${base}/api/v1/events${query}`, 400);
});
