/** What many clients can do to the loop that the checks and the table need as well. */

import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { until } from '../../helpers/deadline.js';
import { serverStatus, statusOf, virtualStatus } from '../../helpers/status.js';
import { longestTurn } from '../../helpers/thread-time.js';
import { fetched, webSite } from '../../helpers/web-site.js';

const servers = Array.from({ length: 2000 }, (_, at) => serverStatus({ name: `10.0.${at >> 8}.${at & 255}:80` }));
const large = statusOf([virtualStatus({ servers })]);
const virtualPath = '/api/v1/virtuals/tcp/192.0.2.1:80';
/** All that is made from much. */
const paths = [
  '/metrics',
  '/api/v1/status',
  '/api/v1/virtuals',
  virtualPath,
  `${virtualPath}/history`,
  '/api/v1/history',
  '/api/v1/servers/10.0.7.200:80',
  '/api/v1/events?limit=1000',
];

/** A director of 2,000 servers to which much has happened. */
async function largeSite(t: TestContext) {
  const site = await webSite(t, { describe: async () => large });
  for (const { name } of servers.slice(0, 1000)) {
    const subject = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80', server: name } as const;
    site.bus.publish({ type: 'server-up', ...subject, reason: 'response: status 200' });
  }
  await until('there is a history', async () => (await fetch(`${site.base}${virtualPath}/history`)).status === 200);
  return site;
}

const requests = (path: string, count: number): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(count);

/** Clients of a thread of their own, which send what they are told and read nothing. */
async function crowd(t: TestContext, port: number, texts: readonly string[]): Promise<void> {
  const worker = new Worker(
    `const { connect } = require('node:net');
     const { port, texts } = require('node:worker_threads').workerData;
     for (const text of texts) {
       const socket = connect(port, '127.0.0.1');
       socket.on('error', () => {});
       socket.pause();
       socket.write(text);
     }`,
    { eval: true, workerData: { port, texts } },
  );
  t.after(() => worker.terminate());
  await new Promise((resolve) => worker.once('online', resolve));
}

test('whoever asks for whatever, a turn of the loop stays short', async (t) => {
  const { port, base, bus } = await largeSite(t);
  for (const path of paths) await fetched(base + path);
  await crowd(t, port, [
    ...Array.from({ length: 64 }, () => requests('/events', 1)),
    ...paths.flatMap((path) => Array.from({ length: 8 }, () => requests(path, 900))),
    ...Array.from({ length: 8 }, (_, at) =>
      Array.from({ length: 900 }, (__, limit) => requests(`/api/v1/events?limit=${limit}&after=${at}`, 1)).join(''),
    ),
  ]);
  const rounds: number[] = [];
  // The first rounds have code to compile, and any of them a heap to clean.
  while (rounds.length < 40 && !rounds.some((longest) => longest < 10)) {
    const others = async (): Promise<void> => {
      for (let at = 0; at < 5; at += 1) {
        bus.publish({ type: 'config-changed', file: `/${at}` });
        assert.equal(await fetched(`${base}/healthz`), 'ok\n');
        await sleep(20);
      }
    };
    rounds.push(await longestTurn(others()));
  }
  t.diagnostic(`longest turns: ${rounds.map((longest) => `${longest.toFixed(1)} ms`).join(', ')}`);
  assert.ok(Math.min(...rounds) < 10, rounds.join(' '));
});

test('for who reads nothing nothing more is made, and who reads gets all that was asked for, in order', async (t) => {
  const { port, base, chronicle } = await largeSite(t);
  let made = 0;
  const recent = chronicle.recent.bind(chronicle);
  chronicle.recent = (after) => {
    made += 1;
    return recent(after);
  };
  const limits = Array.from({ length: 150 }, (_, at) => 850 + at);
  const socket: Socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.pause();
  socket.write(limits.map((limit) => requests(`/api/v1/events?limit=${limit}`, 1)).join(''));
  await until('some are made', () => made > 0);
  for (let at = 0; at < 50; at += 1) assert.equal(await fetched(`${base}/healthz`), 'ok\n');
  t.diagnostic(`${made} of ${limits.length} were made`);
  // What the system keeps for the two ends of a connection is a few megabytes; all of it is thirty.
  assert.ok(made < 100, `${made} were made`);
  const counts: number[] = [];
  const parts = { pending: '' };
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    const answers = (parts.pending + chunk).split('HTTP/1.1 200 ');
    parts.pending = answers.pop() ?? '';
    for (const answer of answers.filter((text) => text !== '')) counts.push(answer.split('"number":').length - 1);
  });
  socket.resume();
  await until(
    () => `all but the last are there, and not ${counts.length}`,
    () => counts.length === limits.length - 1,
    60_000,
  );
  assert.deepEqual(counts, limits.slice(0, -1));
});
