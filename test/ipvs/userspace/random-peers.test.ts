import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { destinationKey, serviceKey } from '../../../src/ipvs/table.js';
import { UserspaceBackend } from '../../../src/ipvs/userspace/backend.js';
import { errorName, takePendingError } from '../../../src/system/libc.js';
import { until } from '../../helpers/deadline.js';
import { type Random, seeded } from '../../helpers/random.js';
import { dial } from '../../helpers/tcp-client.js';
import { startTcpServer } from '../../helpers/tcp-server.js';
import { building, carryOut, destinationAt, serviceAt } from '../conformance/fixture.js';

const mib = 1 << 20;
const bytes = randomBytes(2 * mib);

/** What one end is to do: how much it sends, whether it stalls meanwhile, and how it ends. */
interface Plan {
  readonly size: number;
  readonly stall: number;
  readonly ending: 'end' | 'reset' | 'wait';
}

function planned(random: Random): Plan {
  const sizes = [0, 1, 1_000, 65_536, 65_537, 300_000, 2 * mib];
  return {
    size: sizes[random(sizes.length)] ?? 0,
    stall: random(3) === 0 ? random(60) : 0,
    ending: (['end', 'end', 'end', 'reset', 'wait'] as const)[random(5)] ?? 'end',
  };
}

interface Heard {
  size: number;
  isTrue: boolean;
  outcome: 'open' | 'end' | 'broken';
}

/** Sends by the plan, and notes what comes from the other side. */
function play(socket: Socket, { size, stall, ending }: Plan): Heard {
  const heard: Heard = { size: 0, isTrue: true, outcome: 'open' };
  const { _handle: handle } = socket as Socket & { readonly _handle?: { readonly fd: number } | null };
  socket.on('data', (chunk) => {
    if (!chunk.equals(bytes.subarray(heard.size, heard.size + chunk.length))) heard.isTrue = false;
    heard.size += chunk.length;
  });
  socket.on('end', () => {
    // Together with data a reset looks like an end.
    const error = handle ? errorName(takePendingError(handle.fd)) : '';
    heard.outcome = error === 'ECONNRESET' ? 'broken' : 'end';
  });
  // A write may have met the reset before the end was read.
  socket.on('error', () => {
    heard.outcome = 'broken';
  });
  if (stall > 0) {
    socket.pause();
    setTimeout(() => socket.resume(), stall);
  }
  socket.write(bytes.subarray(0, size), () => {
    if (ending === 'reset') socket.resetAndDestroy();
    else if (ending === 'end') socket.end();
  });
  return heard;
}

for (const threads of [1, 3]) {
  const name = `whatever peers do, what ends in order is whole, and nothing is left behind: ${threads} at work`;
  test(name, (t) => playAll(t, threads));
}

async function playAll(t: TestContext, threads: number): Promise<void> {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  const random = seeded(seed);
  const plans = new Map<string, { readonly plan: Plan; heard: Heard | null }>();
  const server = await startTcpServer((socket) => {
    socket.on('end', () => plans.size === 0 && socket.end());
    socket.once('data', (name) => {
      const own = plans.get(name.subarray(0, 8).toString());
      if (own === undefined) return;
      socket.pause();
      socket.unshift(name.subarray(8));
      own.heard = play(socket, own.plan);
      if (own.plan.stall === 0) socket.resume();
    });
  });
  t.after(() => server.close());
  const before = readdirSync('/proc/self/fd').length;
  const backend = new UserspaceBackend({ threads });
  t.after(() => backend.close());
  const service = await serviceAt('127.0.0.1', 'tcp', { scheduler: 'lc' });
  const destination = destinationAt(server);
  await carryOut(backend, ...building(service, [destination]));
  const counts = async () => {
    const entry = (await backend.read()).get(serviceKey(service));
    return entry?.destinations.get(destinationKey(destination));
  };
  const sockets: Socket[] = [];
  const pairs = await Promise.all(
    Array.from({ length: 120 }, async (_, index) => {
      await sleep(random(400));
      const name = String(index).padStart(8, '0');
      const own = { plan: planned(random), heard: null };
      plans.set(name, own);
      const client = await dial('127.0.0.1', service.port);
      client.socket.removeAllListeners('data');
      sockets.push(client.socket);
      client.socket.write(name);
      const plan = planned(random);
      return { plan, heard: play(client.socket, plan), other: own };
    }),
  );
  await sleep(300);
  for (const { plan, heard, other } of pairs) {
    for (const [ear, mouth] of [
      [heard, other.plan],
      [other.heard as Heard | null, plan],
    ] as const) {
      if (ear === null) continue;
      assert.ok(ear.isTrue, 'bytes arrive as they were sent');
      assert.ok(ear.size <= mouth.size);
      if (ear.outcome === 'end') assert.equal(mouth.ending, 'end');
      if (ear.outcome === 'end') assert.equal(ear.size, mouth.size, 'an end comes after all bytes');
    }
  }
  for (const socket of sockets) socket.destroy();
  await until('nothing is counted any more', async () => {
    // On a busy machine some come only now.
    for (const socket of server.sockets) socket.destroy();
    const found = await counts();
    return found?.activeConnections === 0 && found.inactiveConnections === 0;
  });
  await backend.close();
  await until('nothing is open any more', () => readdirSync('/proc/self/fd').length <= before);
}
