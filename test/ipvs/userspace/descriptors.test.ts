import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { BroadcastChannel } from 'node:worker_threads';
import { until } from '../../helpers/deadline.js';
import { exhaustDescriptors, lower } from '../../helpers/resource-limits.js';
import { dial, type TcpClient } from '../../helpers/tcp-client.js';
import { carriedChannel } from '../../helpers/watched-carriers.js';
import { balancing } from './balancing.js';

const entry = new URL('../../helpers/watched-carriers.js', import.meta.url);

/** All of its threads carry by now. */
async function dialling(t: TestContext, threads: number) {
  const carrying = new BroadcastChannel(carriedChannel);
  let carried = 0;
  carrying.onmessage = () => {
    carried += 1;
  };
  t.after(() => carrying.close());
  const { backend, service, told } = await balancing(t, { threads, entry });
  const connect = async () => {
    const client = await dial('127.0.0.1', service.port);
    t.after(() => client.close());
    return client;
  };
  const held = async () => {
    const [entry] = (await backend.read()).values();
    return [...(entry?.destinations.values() ?? [])][0]?.activeConnections;
  };
  // Where both have as many, the one that chooses has the next one.
  const first = await connect();
  assert.equal(await first.line(), 'a');
  if (threads > 1) {
    await until('the other thread carries', async () => {
      const client = await connect();
      await client.line();
      client.close();
      return carried > 0;
    });
    await until('it has none', async () => (await held()) === 1);
  }
  return { service, told, connect, first };
}

for (const threads of [1, 2]) {
  const at = `: ${threads} at work`;

  test(`who comes while no descriptor is left waits until there is one, and that is told${at}`, async (t) => {
    const { service, told, connect } = await dialling(t, threads);
    // One for the client itself.
    const giveBack = exhaustDescriptors(readdirSync('/proc/self/fd').length + 64, 1);
    let client: TcpClient;
    try {
      client = await connect();
      await until('it is told', () => told.length > 0);
    } finally {
      giveBack();
    }
    assert.equal(await client.line(), 'a');
    assert.deepEqual(
      told.map(({ object, failure }) => [object, failure.code]),
      [[`127.0.0.1:${service.port}`, 'EMFILE']],
    );
  });

  test(`clients do not take the last descriptors${at}`, async (t) => {
    const giveBack = lower('descriptors', readdirSync('/proc/self/fd').length + 60);
    const { told, connect, first } = await dialling(t, threads).finally(giveBack);
    const limit = readdirSync('/proc/self/fd').length + 60;
    const clients = [first];
    for (let count = 0; count < limit / 2; count++) clients.push(await connect());
    // Not all of them are served, though this process could have many more open by now.
    await until('it is told', () => told.some(({ failure }) => failure.code === 'EMFILE'));
    for (const client of clients.slice(0, -1)) client.close();
    assert.equal(await clients.at(-1)?.line(), 'a');
  });
}

for (const threads of [1, 2]) {
  const name = `without a descriptor towards the server who comes is reset, and that is told: ${threads} at work`;
  test(name, async (t) => {
    const { service, told, connect, first } = await dialling(t, threads);
    // For the client, and for its end in the balancer.
    const giveBack = exhaustDescriptors(readdirSync('/proc/self/fd').length + 64, 2);
    try {
      const ending = connect().then(
        (client) => client.ending(),
        (error: NodeJS.ErrnoException) => error.code,
      );
      assert.equal(await ending, 'ECONNRESET');
      await until('it is told', () => told.length > 0);
    } finally {
      giveBack();
    }
    // Of the server, or of who would come next: whichever was met first.
    assert.deepEqual(
      told.map(({ failure }) => failure.code),
      ['EMFILE'],
    );
    assert.match(told[0]?.object ?? '', new RegExp(`127.0.0.1:${service.port}\\b`));
    assert.equal(await (await connect()).line(), 'a');
    first.socket.write('still\n');
    assert.equal(await first.line(), 'still');
  });
}
