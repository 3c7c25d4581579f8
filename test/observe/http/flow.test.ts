/** Answers that are too large to stand in memory. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { StatusAnswer } from '../../../src/observe/http/shapes.js';
import type { VirtualStatus } from '../../../src/status/model.js';
import { until, within } from '../../helpers/deadline.js';
import { serverStatus, statusOf, streamOf, virtualStatus } from '../../helpers/status.js';
import { fetched, webSite } from '../../helpers/web-site.js';

const each = 100;

/** A director of so many services, made one after another as they are taken; and how many were. */
async function hugeSite(t: TestContext, services: number) {
  const made = { virtuals: 0, begun: 0, ended: 0 };
  const servers = Array.from({ length: each }, (_, at) => serverStatus({ name: `10.0.0.${at}:80` }));
  const virtuals = async function* (): AsyncGenerator<VirtualStatus> {
    made.begun += 1;
    try {
      for (let at = 0; at < services; at += 1) {
        made.virtuals += 1;
        yield virtualStatus({ name: `192.0.${at >> 8}.${at & 255}:80`, servers });
      }
    } finally {
      made.ended += 1;
    }
  };
  const head = statusOf([]);
  const counts = { ...head.counts, services, servers: services * each, up: services * each };
  const stream = async () => ({ ...streamOf({ ...head, counts }), found: counts, virtuals: virtuals() });
  const site = await webSite(t, { stream });
  // The first look at what the last hour was like is over.
  await until('all have been looked at', () => made.ended > 0);
  return { ...site, made };
}

async function raw(port: number, path: string, lines: readonly string[]): Promise<{ head: string; body: Buffer }> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write([`GET ${path} HTTP/1.0`, 'Host: localhost', ...lines, '', ''].join('\r\n'));
  const all = await within('an answer', buffer(socket), 60_000);
  const end = all.indexOf('\r\n\r\n');
  return { head: all.toString('latin1', 0, end), body: all.subarray(end + 4) };
}

test('a large answer has everything once, compressed or not, and no length that would have to be known', async (t) => {
  const { base, port } = await hugeSite(t, 60);
  const status = JSON.parse(await fetched(`${base}/api/v1/status`)) as StatusAnswer;
  assert.equal(new Set(status.virtuals.map(({ name }) => name)).size, 60);
  assert.ok(status.virtuals.every(({ servers }) => servers.length === each));
  const metrics = await fetched(`${base}/metrics`);
  assert.equal(metrics.match(/^ldirectord_server_up\{/gm)?.length, 60 * each);
  assert.equal(metrics.match(/^# TYPE /gm)?.length, new Set(metrics.match(/^# TYPE \S+/gm)).size, 'each metric once');
  const plain = await raw(port, '/api/v1/virtuals', ['Accept-Encoding: identity']);
  const packed = await raw(port, '/api/v1/virtuals', ['Accept-Encoding: gzip']);
  for (const { head } of [plain, packed]) assert.doesNotMatch(head, /^Content-Length/im);
  assert.match(packed.head, /^Content-Encoding: gzip\r?$/m);
  assert.deepEqual(JSON.parse(gunzipSync(packed.body).toString()), JSON.parse(plain.body.toString()));
  const asked = await fetch(`${base}/api/v1/status`, { method: 'HEAD' });
  assert.deepEqual([asked.status, await asked.text()], [200, '']);
});

test('for who takes nothing off nothing more is made, who goes is let go, and so many at once are enough', async (t) => {
  const { base, port, made } = await hugeSite(t, 3_000);
  const before = { ...made };
  const lazy = Array.from({ length: 8 }, () => connect(port, '127.0.0.1'));
  t.after(() => {
    for (const socket of lazy) socket.destroy();
  });
  for (const socket of lazy) {
    socket.on('error', () => {}).pause();
    socket.write('GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n');
  }
  await until('all are under way', () => made.begun >= before.begun + 8);
  let last = -1;
  await until('nothing more is made', async () => {
    const isStill = last === made.virtuals;
    last = made.virtuals;
    await sleep(300);
    return isStill;
  });
  // What the system keeps for the two ends of a connection is a few megabytes; a service is a tenth of one.
  assert.ok(made.virtuals - before.virtuals < 8 * 1_000, `${made.virtuals - before.virtuals} were made`);
  const turnedAway = await fetch(`${base}/api/v1/status`);
  assert.deepEqual([turnedAway.status, turnedAway.headers.get('retry-after')], [503, '1']);
  await turnedAway.arrayBuffer();
  assert.equal(await fetched(`${base}/healthz`), 'ok\n');
  for (const socket of lazy) socket.destroy();
  await until('all are let go', () => made.ended === made.begun, 60_000);
});

test('where the table cannot be read any more the answer breaks off, and is not taken for whole', async (t) => {
  const head = statusOf([]);
  const counts = { ...head.counts, services: 100, servers: 10_000 };
  const virtuals = async function* (): AsyncGenerator<VirtualStatus> {
    for (let at = 0; at < 10; at += 1) yield virtualStatus({ name: `192.0.2.${at}:80` });
    throw new Error('the backend did not answer');
  };
  const { base } = await webSite(t, {
    stream: async () => ({ ...streamOf(head), found: counts, virtuals: virtuals() }),
  });
  await assert.rejects(fetched(`${base}/api/v1/status`));
  assert.equal(await fetched(`${base}/healthz`), 'ok\n');
});
