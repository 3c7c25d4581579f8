import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { until } from '../../helpers/deadline.js';
import { exhaustDescriptors, lower } from '../../helpers/resource-limits.js';
import { dial, type TcpClient } from '../../helpers/tcp-client.js';
import { balancing } from './balancing.js';

async function dialling(t: TestContext) {
  const { service, told } = await balancing(t);
  const connect = async () => {
    const client = await dial('127.0.0.1', service.port);
    t.after(() => client.close());
    return client;
  };
  return { service, told, connect };
}

test('who comes while no descriptor is left waits until there is one, and that is told', async (t) => {
  const { service, told, connect } = await dialling(t);
  assert.equal(await (await connect()).line(), 'a');
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

test('clients do not take the last descriptors', async (t) => {
  const giveBack = lower('descriptors', readdirSync('/proc/self/fd').length + 60);
  const { told, connect } = await dialling(t).finally(giveBack);
  const limit = readdirSync('/proc/self/fd').length + 60;
  const clients = [];
  for (let count = 0; count < limit / 2; count++) clients.push(await connect());
  // Not all of them are served, though this process could have many more open by now.
  await until('it is told', () => told.some(({ failure }) => failure.code === 'EMFILE'));
  for (const client of clients.slice(0, -1)) client.close();
  assert.equal(await clients.at(-1)?.line(), 'a');
});
