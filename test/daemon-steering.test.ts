/** What people ask of single servers, in a daemon with its checks and its table. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createWebServer } from 'node:http';
import { connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Event } from '../src/events.js';
import type { Backend, Failure, Operation } from '../src/ipvs/backend.js';
import { MemoryBackend } from '../src/ipvs/memory.js';
import { UserspaceBackend } from '../src/ipvs/userspace/backend.js';
import { unknownOrigin } from '../src/model/origin.js';
import type { Steered } from '../src/overrides/steering.js';
import { startDaemon } from './helpers/daemon.js';
import { until } from './helpers/deadline.js';
import { freePort } from './helpers/free-port.js';
import { listening } from './helpers/listener.js';
import { forced, plain } from './helpers/wish.js';

async function started(t: TestContext, text: string, backend: Backend = new MemoryBackend()) {
  const { daemon, events } = await startDaemon(t, text, { backend });
  const weights = async (): Promise<string[]> =>
    [...(await backend.read()).values()].flatMap(({ destinations }) =>
      [...destinations].map(([to, { weight }]) => `${to} ${weight}`),
    );
  const told = (...types: readonly Event['type'][]): string[] =>
    events.map(({ type }) => type).filter((type) => types.includes(type));
  return { daemon, events, weights, told };
}

const all = (server: string) => ({ server, virtual: null });

const two =
  'fallback=127.0.0.1:9 masq\nvirtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\treal=10.0.0.2:80 gate\n\tchecktype=on\n';

test('weight 0 by hand for every server is told as a service without one, and the fallback answers', async (t) => {
  const { daemon, weights, told } = await started(t, two);
  const first = await daemon.steering.setWeight(all('10.0.0.1'), 0, null, plain);
  assert.deepEqual(first.notes, []);
  assert.deepEqual(await weights(), ['10.0.0.1:80 0', '10.0.0.2:80 1']);
  const last = await daemon.steering.setWeight(all('10.0.0.2'), 0, null, forced);
  assert.deepEqual(last.notes, ['no real server of 192.0.2.1:80 is in use: its fallback answers']);
  assert.deepEqual(await weights(), ['10.0.0.1:80 0', '10.0.0.2:80 0', '127.0.0.1:9 1']);
  await daemon.steering.setWeight(all('10.0.0.2'), null, null, plain);
  assert.deepEqual(await weights(), ['10.0.0.1:80 0', '10.0.0.2:80 1']);
  assert.deepEqual(told('virtual-down', 'virtual-up'), ['virtual-down', 'virtual-up']);
});

test('a drained server whose check fails keeps its connections', async (t) => {
  let well = true;
  const health = await listening(
    t,
    createWebServer((_, response) => {
      response.statusCode = well ? 200 : 503;
      response.end();
    }),
  );
  const echo = await listening(
    t,
    createServer((socket) => void socket.on('error', () => {}).pipe(socket)),
  );
  const port = await freePort();
  const { daemon, weights, told } = await started(
    t,
    `checkinterval=1\nvirtual=127.0.0.1:${port}\n\treal=127.0.0.1:${echo} masq\n\tservice=http\n\tcheckport=${health}\n\tscheduler=rr\n`,
    new UserspaceBackend(),
  );
  const name = `127.0.0.1:${echo}`;
  await until('it is in the table', async () => (await weights()).join() === `${name} 1`);
  const client = connect(port, '127.0.0.1');
  t.after(() => client.destroy());
  // In the end it is reset.
  client.on('error', () => {});
  const answered = async (): Promise<void> => {
    client.write('still there');
    const [answer] = (await once(client, 'data')) as [Buffer];
    assert.equal(String(answer), 'still there');
  };
  await answered();
  await daemon.steering.drain(all(name), forced);
  well = false;
  await daemon.checkNow(all(name));
  await until('its check has failed', () => told('server-down').length === 1);
  // What the failure is to change is in the table once the next change is.
  await daemon.steering.setWeight(all(name), 5, null, plain);
  assert.deepEqual(await weights(), [`${name} 0`]);
  await answered();
});

/** A table that takes what it is given, or says no to every change, or nothing at all. */
class Moody extends MemoryBackend {
  mood: 'well' | 'refuses' | 'silent' = 'well';

  override async apply(operations: readonly Operation[]): Promise<(Failure | null)[]> {
    if (this.mood === 'silent') return Promise.reject(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }));
    if (this.mood === 'well') return super.apply(operations);
    return operations.map(() => ({ code: 'EBUSY', message: 'busy with something else' }));
  }
}

test('what the table refuses, or does not answer, is said to be missing', async (t) => {
  const backend = new Moody();
  const { daemon, weights } = await started(t, two, backend);
  const missing = ({ servers }: Steered) => servers.map((server) => server.missing);
  const first = all('10.0.0.1');
  backend.mood = 'refuses';
  const [drained] = missing(await daemon.steering.drain(first, plain));
  assert.match(drained ?? '', /^10\.0\.0\.1:80 \(192\.0\.2\.1:80\): .*busy with something else/);
  assert.deepEqual(await weights(), ['10.0.0.1:80 1', '10.0.0.2:80 1']);
  // What else the table lacks is nobody's business here.
  assert.deepEqual(missing(await daemon.steering.setWeight(all('10.0.0.2'), 1, null, plain)), [null]);
  backend.mood = 'silent';
  const [silent] = missing(await daemon.steering.setWeight(all('10.0.0.2'), 7, null, plain));
  assert.match(silent ?? '', /no answer|not applied yet/);
  backend.mood = 'well';
  await until('it is tried again', async () => (await weights()).join() === '10.0.0.1:80 0,10.0.0.2:80 7');
  assert.deepEqual(missing(await daemon.steering.undrain(first, unknownOrigin)), [null]);
});

test('the last server in use is not drained unless that is forced, and of two at once one stays', async (t) => {
  const { daemon, weights } = await started(t, two);
  const { steering } = daemon;
  const outcomes = await Promise.allSettled([
    steering.drain(all('10.0.0.1'), plain),
    steering.drain(all('10.0.0.2'), plain),
    steering.setWeight(all('10.0.0.2'), 0, null, plain),
  ]);
  const refusal = {
    status: 'rejected',
    reason: '10.0.0.2:80 is the last server in use of 192.0.2.1:80; its fallback would answer',
  };
  assert.deepEqual(
    outcomes.map((outcome) =>
      outcome.status === 'rejected' ? { ...outcome, reason: (outcome.reason as Error).message } : outcome.status,
    ),
    ['fulfilled', refusal, refusal],
  );
  assert.deepEqual(await weights(), ['10.0.0.1:80 0', '10.0.0.2:80 1']);
  await steering.drain(all('10.0.0.2'), forced);
  assert.deepEqual(await weights(), ['10.0.0.1:80 0', '10.0.0.2:80 0', '127.0.0.1:9 1']);
  await steering.drain(all('10.0.0.1'), plain);
  await steering.setWeight(all('10.0.0.1'), 0, null, plain);
});

test('where a check has failed, the one that is left is the last', async (t) => {
  const gone = await freePort();
  const web = createWebServer((_, response) => response.end());
  const port = await listening(t, web);
  const text = `checkinterval=1\nvirtual=192.0.2.1:80\n\treal=127.0.0.1:${port} masq\n\treal=127.0.0.1:${gone} masq\n\tservice=http\n`;
  const { daemon, told } = await started(t, text);
  await until('it is known to be down', () => told('server-down').length === 1 && told('server-up').length === 1);
  await assert.rejects(daemon.steering.drain(all(`127.0.0.1:${port}`), plain), (error) => {
    return (error as { code?: string }).code === 'last-server' && /nobody would answer$/.test((error as Error).message);
  });
  await daemon.steering.drain(all(`127.0.0.1:${gone}`), plain);
});

test('what is seen of a drain and a weight says who asked for it, when and why', async (t) => {
  const { daemon, events } = await started(t, two);
  const wish = { who: 'root (alice)', why: 'a disk', force: false };
  await daemon.steering.drain(all('10.0.0.1'), wish);
  await daemon.steering.setWeight(all('10.0.0.2'), 5, null, wish);
  const [first, second] = (await daemon.describe()).virtuals[0]?.servers ?? [];
  const origin = { who: wish.who, why: wish.why };
  assert.equal(first?.held, 'drained by hand');
  assert.deepEqual({ who: first.hold?.who, why: first.hold?.why }, origin);
  assert.deepEqual({ who: second?.override?.who, why: second?.override?.why }, origin);
  const began = events.find(({ type }) => type === 'maintenance-began');
  assert.ok(began?.type === 'maintenance-began');
  assert.deepEqual([began.who, began.why, began.since], [wish.who, wish.why, first.hold?.since]);
});
