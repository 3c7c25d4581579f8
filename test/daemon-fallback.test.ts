import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Event } from '../src/events.js';
import type { HandedOver } from '../src/health/hand-over.js';
import { MemoryBackend } from '../src/ipvs/memory.js';
import { messagesOf } from '../src/observe/messages.js';
import { SteeringRefusal } from '../src/overrides/places.js';
import { startDaemon } from './helpers/daemon.js';
import { until } from './helpers/deadline.js';
import { freePort } from './helpers/free-port.js';
import { forced, plain } from './helpers/wish.js';

interface Sorry {
  readonly server: Server;
  readonly place: string;
  readonly port: number;
  die(): void;
  return(): Promise<void>;
}

/** A web server that can die and return at its port. */
async function sorry(t: TestContext): Promise<Sorry> {
  const server = createServer((_, response) => response.end('sorry'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return {
    server,
    port,
    place: `127.0.0.1:${port}`,
    die: () => {
      server.close();
      server.closeAllConnections();
    },
    return: async () => {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
  };
}

/** A table that outlives who wrote it, as the kernel's does. */
class LastingBackend extends MemoryBackend {
  override async close(): Promise<void> {}
}

const virtual = '192.0.2.1:80';
const head = `checkinterval=1\nchecktimeout=5\nvirtual=${virtual}\n\tservice=http\n\tfallbackcheck=yes\n`;

function linesOf(...ports: readonly number[]): string {
  return ports.map((port) => `\tfallback=127.0.0.1:${port} masq\n`).join('');
}

async function started(t: TestContext, text: string, backend = new MemoryBackend(), before?: HandedOver) {
  const found = await startDaemon(t, text, { backend, ...(before && { before }) });
  /** Who stands, by name. */
  const standing = async (): Promise<string> =>
    [...(await backend.read()).values()].flatMap(({ destinations }) => [...destinations.keys()]).join(', ');
  const told = (type: Event['type']): Event[] => found.events.filter((event) => event.type === type);
  const logged = (): string => found.events.flatMap((event) => messagesOf(event).map(({ text }) => text)).join('\n');
  return { ...found, backend, standing, told, logged };
}

test('the first fallback that is up serves; where all are down nobody does, and that is told', async (t) => {
  const [first, second, dead] = [await sorry(t), await sorry(t), await freePort()];
  const text = `${head}\treal=127.0.0.1:${dead} masq\n${linesOf(first.port, second.port)}`;
  const { daemon, standing, told, logged } = await started(t, text);
  await until('the first serves', async () => (await standing()) === first.place);

  first.die();
  await until('the second serves', async () => (await standing()) === second.place);
  assert.deepEqual(
    told('fallback-down').map((event) => 'server' in event && event.server),
    [first.place],
  );
  assert.deepEqual(told('virtual-unserved'), []);

  second.die();
  await until('nobody stands', async () => (await standing()) === '');
  await until('it is told', () => told('virtual-unserved').length === 1);
  const [{ fallback, fallbacks } = assert.fail()] = (await daemon.describe()).virtuals;
  assert.deepEqual(
    [fallback?.name, fallback?.inUse, fallbacks.map(({ up, inUse, asked }) => [up, inUse, asked])],
    [
      first.place,
      false,
      [
        [false, false, true],
        [false, false, true],
      ],
    ],
  );

  await first.return();
  await until('the first serves again', async () => (await standing()) === first.place);
  await until('that is told', () => told('virtual-served').length === 1);
  await second.return();
  await until('the second is up', () => told('fallback-up').length === 2);
  assert.equal(await standing(), first.place);

  assert.match(
    logged(),
    new RegExp(`^Check failed: fallback server ${first.place} \\(tcp:${virtual}\\): .*ECONNREFUSED`, 'm'),
  );
  assert.match(logged(), new RegExp(`^Clients are refused: ${virtual} \\(tcp\\): `, 'm'));
  assert.match(logged(), new RegExp(`^Check passed: fallback server ${first.place} `, 'm'));
});

test('of all fallbacks those serve that are up', async (t) => {
  const [first, second, dead] = [await sorry(t), await sorry(t), await freePort()];
  const text = `${head}\tfallbackuse=all\n\treal=127.0.0.1:${dead} masq\n${linesOf(first.port, second.port)}`;
  const { standing } = await started(t, text);
  await until('both serve', async () => (await standing()) === `${first.place}, ${second.place}`);
  first.die();
  await until('one serves', async () => (await standing()) === second.place);
});

test('soft failures of a fallback are counted as those of real servers', async (t) => {
  const [first, second, dead] = [await sorry(t), await sorry(t), await freePort()];
  const text = `${head}\tfailurecount=2\n\treal=127.0.0.1:${dead} masq\n${linesOf(first.port, second.port)}`;
  const { daemon, standing, logged } = await started(t, text);
  await until('the first has been checked', async () => {
    const [{ fallback } = assert.fail()] = (await daemon.describe()).virtuals;
    return fallback?.decided === true && (await standing()) === first.place;
  });
  first.die();
  await until('the second serves', async () => (await standing()) === second.place);
  assert.match(
    logged(),
    new RegExp(`^Soft failure fallback server: ${first.place} \\(tcp:${virtual}\\) failure 1/2$`, 'm'),
  );
});

test('a restart keeps who served; a reload in another order lets the other one serve', async (t) => {
  const [first, second, dead] = [await sorry(t), await sorry(t), await freePort()];
  const real = `\treal=127.0.0.1:${dead} masq\n`;
  const backend = new LastingBackend();
  first.die();
  const before = await started(t, `${head}${real}${linesOf(first.port, second.port)}`, backend);
  await until('the second serves', async () => (await before.standing()) === second.place);
  await before.daemon.leave('restart');

  const { standing, told, daemon, file, events } = await started(
    t,
    `${head}${real}${linesOf(first.port, second.port)}`,
    backend,
  );
  await until('the first has been checked', () => told('fallback-down').length === 1);
  const moved = events.filter((event) => event.type === 'table-changed' && event.change.object === 'fallback');
  assert.deepEqual(moved, [], 'who served went on');

  await first.return();
  await until('the first is back', async () => (await standing()) === first.place);
  await writeFile(file, `${head}${real}${linesOf(second.port, first.port)}`);
  assert.equal((await daemon.reload()).ok, true);
  await until('the second serves', async () => (await standing()) === second.place);
});

test('where the table goes with its process, it is handed over which fallbacks are up', async (t) => {
  const [first, second, dead] = [await sorry(t), await sorry(t), await freePort()];
  const text = `${head}\treal=127.0.0.1:${dead} masq\n${linesOf(first.port, second.port)}`;
  first.die();
  const before = await started(t, text);
  await until('the second serves', async () => (await before.standing()) === second.place);
  const { handedOver } = before.daemon;
  await before.daemon.stop('restart');

  const { events, told } = await started(t, text, new MemoryBackend(), handedOver);
  await until('the first has been checked', () => told('fallback-down').length === 1);
  const placed = events.flatMap((event) =>
    event.type === 'table-changed' && event.change.object === 'fallback' ? event.change.server : [],
  );
  assert.deepEqual(placed, [second.place]);
});

test('a fallback that is a real server as well is one of its own', async (t) => {
  const both = await sorry(t);
  const text = `${head}\treceive="well"\n\tfallbackreceive="sorry"\n\treal=${both.place} masq 3\n${linesOf(both.port)}`;
  const { daemon, told } = await started(t, text);
  await until('the real server is down, and the fallback is not', () => told('server-down').length === 1);
  const target = { server: both.place, virtual: null };
  const [{ servers, fallback } = assert.fail()] = (await daemon.describe()).virtuals;
  assert.deepEqual([servers[0]?.up, servers[0]?.inUse, fallback?.up, fallback?.inUse], [false, false, true, true]);

  const explained = await daemon.explain(target);
  assert.deepEqual(
    explained.map(({ role, server, check }) => [role, server.up, check === null]),
    [
      [undefined, false, false],
      ['fallback', true, false],
    ],
  );
  const checked = await daemon.checkNow(target);
  assert.deepEqual(
    checked.map(({ role, result }) => [role, result?.ok]),
    [
      [undefined, false],
      ['fallback', true],
    ],
  );

  // Who drains means the real server.
  const drained = await daemon.steering.drain(target, forced);
  assert.match(drained.notes.join(), /is in use: its fallback answers/);
  assert.deepEqual(
    drained.servers.map(({ server, role }) => [server, role]),
    [[both.place, undefined]],
  );
});

test('that all real servers fail at once is told, whatever a fallback on this machine says', async (t) => {
  const [one, other, local] = [await sorry(t), await sorry(t), await sorry(t)];
  const reals = [one, other].map(({ place }) => `\treal=${place} masq\n`).join('');
  const { standing, told } = await started(t, `${head}${reals}${linesOf(local.port)}`);
  await until('both serve', async () => (await standing()) === `${one.place}, ${other.place}`);
  one.die();
  other.die();
  await until('it is told', () => told('director-isolated').length === 1);
});

test('only real servers are drained and weighed by hand', async (t) => {
  const [first, dead] = [await sorry(t), await freePort()];
  const { daemon } = await started(t, `${head}\treal=127.0.0.1:${dead} masq\n${linesOf(first.port)}`);
  const target = { server: first.place, virtual: null };
  const expected = new RegExp(`'${first.place}' is a fallback of ${virtual}: only real servers`);
  await assert.rejects(
    daemon.steering.drain(target, plain),
    (error: Error) => error instanceof SteeringRefusal && expected.test(error.message),
  );
  await assert.rejects(daemon.steering.setWeight(target, 3, null, plain), expected);
  // To look at it is another thing.
  assert.deepEqual(
    (await daemon.checkNow(target)).map(({ role, result }) => [role, result?.ok]),
    [['fallback', true]],
  );
});
