/** What a director with ten thousand servers and more must not feel. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from '../src/config/file/parse.js';
import type { Operation } from '../src/ipvs/backend.js';
import { MemoryBackend } from '../src/ipvs/memory.js';
import { loadServices } from '../src/system/port-names.js';
import { startDaemon } from './helpers/daemon.js';
import { until } from './helpers/deadline.js';
import { freePort } from './helpers/free-port.js';
import { largeFile } from './helpers/large-file.js';

class CountingBackend extends MemoryBackend {
  plans = 0;
  readonly operations: Operation[] = [];

  override apply(operations: readonly Operation[]) {
    this.plans += 1;
    for (const operation of operations) this.operations.push(operation);
    return super.apply(operations);
  }
}

async function started(t: TestContext, text: string) {
  const backend = new CountingBackend();
  const found = await startDaemon(t, text, { backend });
  await found.daemon.missing();
  return { ...found, backend };
}

/** The longest time in milliseconds that the event loop did not get round while the work was done. */
async function longestStall(work: () => Promise<void>): Promise<number> {
  let worst = 0;
  let last = performance.now();
  let over = false;
  const look = (): void => {
    const now = performance.now();
    worst = Math.max(worst, now - last);
    last = now;
    if (!over) setImmediate(look);
  };
  look();
  await work();
  over = true;
  look();
  return worst;
}

async function milliseconds(work: () => unknown): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

test('a reload of the largest known file never holds up the loop for as long as reading the file takes', async (t) => {
  const text = largeFile().replaceAll('\tservice=http\n', '\tchecktype=on\n');
  const weighing = (weight: number): string => text.replace('10.4.7.9:80 gate 10', `10.4.7.9:80 gate ${weight}`);
  const { daemon, file, backend } = await started(t, text);
  const services = await loadServices();
  const readings: number[] = [];
  const stalls: number[] = [];
  const times: number[] = [];
  for (const weight of [11, 12, 13]) {
    readings.push(await milliseconds(() => parse(text, { strict: false, services })));
    await writeFile(file, weighing(weight));
    backend.operations.length = 0;
    stalls.push(await longestStall(async () => void times.push(await milliseconds(() => daemon.reload()))));
    assert.deepEqual(
      backend.operations.map((operation) => operation.type === 'edit-destination' && operation.destination.weight),
      [weight],
    );
  }
  const shown = (values: readonly number[]): string => values.map(Math.round).join(', ');
  t.diagnostic(
    `parsed in ${shown(readings)} ms, reloaded in ${shown(times)} ms, stalls of ${shown(stalls)} ms at most`,
  );
  // The best of three: what another process takes from this one is no stall of ours.
  assert.ok(Math.min(...stalls) < Math.max(...readings));
});

test('a reload of the same bytes changes no server and no check, but for what somebody else put into a service', async (t) => {
  const { daemon, file, backend } = await started(t, 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n\tchecktype=on\n');
  const { config } = daemon;
  const service = { protocol: 'tcp', family: 'inet', address: '192.0.2.1', port: 80 } as const;
  const settings = { forward: 'masq', weight: 1, upperThreshold: 0, lowerThreshold: 0 } as const;
  await backend.apply([
    { type: 'add-destination', service, destination: { address: '10.0.0.9', port: 80, ...settings } },
  ]);
  const outcome = await daemon.reload();
  assert.deepEqual(outcome, { ok: true, differences: [], diagnostics: '', missing: [] });
  assert.equal(daemon.config, config);
  const table = await backend.read();
  assert.deepEqual([...(table.get('tcp 192.0.2.1:80')?.destinations.keys() ?? [])], ['10.0.0.1:80']);
  await writeFile(file, 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq 2\n\tchecktype=on\n');
  const second = await daemon.reload();
  assert.deepEqual(second.ok && second.differences, ['virtual 192.0.2.1:80 (tcp): real 10.0.0.1:80: weight 1 -> 2']);
});

test('ten thousand servers that fail within a second leave in few plans, each once', async (t) => {
  const checks = 400;
  const virtuals = 26;
  const port = await freePort('127.0.0.1');
  const addresses = Array.from({ length: checks }, (_, index) => `127.1.${index >> 7}.${(index & 127) + 1}`);
  const servers = await Promise.all(addresses.map((address) => listening(address, port)));
  t.after(() => Promise.all(servers.map(closed)));
  const real = addresses.map((address) => `\treal=${address}:${port} masq\n`).join('');
  const sections = Array.from({ length: virtuals }, (_, index) => {
    return `virtual=192.0.2.${index + 1}:80\n${real}\tchecktype=connect\n`;
  });
  const { backend, events } = await started(t, `checkinterval=1\n${sections.join('')}`);
  const count = (type: Operation['type']): number => backend.operations.filter((made) => made.type === type).length;
  await until('all are in the table', () => count('add-destination') === checks * virtuals, 60_000);
  backend.plans = 0;
  backend.operations.length = 0;
  await Promise.all(servers.map(closed));
  await until('all have left', () => backend.operations.length >= checks * virtuals, 60_000);
  await sleep(100);
  t.diagnostic(`${backend.operations.length} operations in ${backend.plans} plans`);
  assert.equal(count('delete-destination'), checks * virtuals);
  assert.equal(backend.operations.length, checks * virtuals);
  assert.ok(backend.plans < checks / 2, `${backend.plans} plans`);
  assert.equal(events.filter(({ type }) => type === 'server-down').length, checks * virtuals);
});

async function listening(address: string, port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy()).unref();
  server.listen(port, address);
  await once(server, 'listening');
  return server;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}
