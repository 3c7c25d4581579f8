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
import type { Steered } from '../src/overrides/steering.js';
import { startDaemon } from './helpers/daemon.js';
import { until } from './helpers/deadline.js';
import { freePort } from './helpers/free-port.js';
import { listening } from './helpers/listener.js';

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
  const first = await daemon.steering.setWeight(all('10.0.0.1'), 0, null);
  assert.deepEqual(first.notes, []);
  assert.deepEqual(await weights(), ['10.0.0.1:80 0', '10.0.0.2:80 1']);
  const last = await daemon.steering.setWeight(all('10.0.0.2'), 0, null);
  assert.deepEqual(last.notes, ['no real server of 192.0.2.1:80 is in use: its fallback answers']);
  assert.deepEqual(await weights(), ['10.0.0.1:80 0', '10.0.0.2:80 0', '127.0.0.1:9 1']);
  await daemon.steering.setWeight(all('10.0.0.2'), null, null);
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
  const answered = async (): Promise<void> => {
    client.write('still there');
    const [answer] = (await once(client, 'data')) as [Buffer];
    assert.equal(String(answer), 'still there');
  };
  await answered();
  await daemon.steering.drain(all(name));
  well = false;
  await daemon.checkNow(all(name));
  await until('its check has failed', () => told('server-down').length === 1);
  // What the failure is to change is in the table once the next change is.
  await daemon.steering.setWeight(all(name), 5, null);
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
  const [drained] = missing(await daemon.steering.drain(first));
  assert.match(drained ?? '', /^10\.0\.0\.1:80 \(192\.0\.2\.1:80\): .*busy with something else/);
  assert.deepEqual(await weights(), ['10.0.0.1:80 1', '10.0.0.2:80 1']);
  // What else the table lacks is nobody's business here.
  assert.deepEqual(missing(await daemon.steering.setWeight(all('10.0.0.2'), 1, null)), [null]);
  backend.mood = 'silent';
  const [silent] = missing(await daemon.steering.setWeight(all('10.0.0.2'), 7, null));
  assert.match(silent ?? '', /no answer|not applied yet/);
  backend.mood = 'well';
  await until('it is tried again', async () => (await weights()).join() === '10.0.0.1:80 0,10.0.0.2:80 7');
  assert.deepEqual(missing(await daemon.steering.undrain(first)), [null]);
});
