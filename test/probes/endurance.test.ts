/** What many checks of every kind against a misbehaving peer leave behind. */

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { extensionServiceNames, serviceNames } from '../../src/config/service-lists.js';
import type { ServiceName } from '../../src/config/services.js';
import type { Check } from '../../src/probes/probe.js';
import { releaseKept } from '../../src/probes/release.js';
import { runProbe } from '../../src/probes/run.js';
import { checkOf, receive, tlsOf } from '../helpers/check.js';
import { until } from '../helpers/deadline.js';
import { lacks } from '../helpers/programs.js';
import { startTcpServer } from '../helpers/tcp-server.js';

const checksOfAKind = 1000;
const atOnce = 20;
/** Bytes by which the heap may differ between the two halves of the run, all kinds together. */
const room = 12 * 1024 * 1024;

const garbage = Buffer.from(Array.from({ length: 2048 }, (_, index) => (index * 197 + 13) % 256));

/** Each connection is treated in another bad way, and none is kept. */
const misdeeds: readonly ((socket: Socket) => void)[] = [
  (socket) => socket.end(garbage),
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.end('220 half a l'),
  (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort'),
  (socket) => socket.once('data', (asked) => socket.end(asked)).setTimeout(20, () => socket.end()),
];

/** In these a login, a statement or a secret is needed before anything is sent. */
const settings: Partial<Check> = {
  login: 'user',
  passwd: 'password',
  secret: 'secret',
  database: 'database',
  request: '/select 1',
  receive: receive('never said'),
  checkTimeout: 2000,
  negotiateTimeout: 2000,
};
const datagrams: ReadonlySet<ServiceName> = new Set(['dns', 'ntp', 'radius', 'sip', 'tftp', 'udp']);
const withTls: ReadonlySet<ServiceName> = new Set(['https', 'imaps', 'ldaps', 'pops', 'tls']);

function kinds(tcp: number, udp: number, folder: string): Check[] {
  const services = [...serviceNames, ...extensionServiceNames].filter((service) => service !== 'none');
  const programs = { checkTimeout: 10_000, command: `${folder}/fails` };
  return [
    ...services.map((service) => {
      const request = service === 'http_proxy' ? 'http://192.0.2.1/' : (settings.request ?? '');
      const common = { ...settings, service, request, tls: withTls.has(service) ? tlsOf() : null };
      // Silence would only take time: what answers wrongly is passed over until the deadline.
      if (datagrams.has(service)) return checkOf({ ...common, protocol: 'udp', port: udp, negotiateTimeout: 50 });
      return checkOf({ ...common, port: tcp });
    }),
    checkOf({ ...settings, type: 'connect', port: tcp }),
    checkOf({ ...settings, type: 'external', ...programs }),
    checkOf({ ...settings, type: 'external-perl', ...programs, command: `${folder}/fails.pl` }),
  ];
}

async function runMany(checks: readonly Check[], times: number): Promise<number> {
  let passed = 0;
  const jobs = checks.flatMap((check) => Array.from({ length: times }, () => check)).values();
  const work = async () => {
    for (const check of jobs) {
      const { ok } = await runProbe(check, 'negotiate');
      passed += Number(ok);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return passed;
}

const descriptors = () => readdirSync('/proc/self/fd').length;
const children = () => readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1').trim();

function heap(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

async function programs(t: TestContext): Promise<string> {
  const folder = await mkdtemp(`${tmpdir()}/endurance-`);
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(`${folder}/fails`, '#!/bin/sh\necho no\nexit 1\n', { mode: 0o755 });
  await writeFile(`${folder}/fails.pl`, 'print "no\\n"; exit 1;');
  return folder;
}

test(`${checksOfAKind} checks of every kind against a misbehaving peer leave nothing behind`, {
  skip: lacks('perl'),
}, async (t) => {
  let connections = 0;
  const tcp = await startTcpServer((socket) => {
    connections += 1;
    // Whoever does not read does not see the reset that ends the connection.
    socket.resume();
    misdeeds[connections % misdeeds.length]?.(socket);
  });
  t.after(() => tcp.close());
  const udp = createSocket('udp4', (_, { port, address }) => udp.send(garbage.subarray(0, 100), port, address));
  udp.bind({ port: 0, address: '127.0.0.1' });
  await once(udp, 'listening');
  t.after(() => udp.close());
  const checks = kinds(tcp.port, udp.address().port, await programs(t));
  // Libraries are loaded and everything is compiled.
  await runMany(checks, checksOfAKind / 10);
  await releaseKept();
  await until('the first children are gone', () => children() === '');
  const before = { descriptors: descriptors(), heap: heap() };
  const passed = await runMany(checks, checksOfAKind);
  await releaseKept();
  await until(
    () => `${descriptors()} descriptors are ${before.descriptors} again, and no child is left: ${children()}`,
    () => descriptors() <= before.descriptors && children() === '',
  );
  const grown = heap() - before.heap;
  t.diagnostic(
    `${checks.length} kinds: heap ${(grown / 1024 / 1024).toFixed(1)} MB more, ${before.descriptors} descriptors`,
  );
  assert.ok(grown < room, `the heap has grown by ${grown} bytes`);
  // A connection that is reset at once may be seen as one or not.
  assert.ok(passed > 0 && passed <= checksOfAKind, `${passed} are up: only connections are accepted`);
});
