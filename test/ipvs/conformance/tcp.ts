/** TCP through a service: which destination gets a connection, and what becomes of it when the table changes. */

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Backend } from '../../../src/ipvs/backend.js';
import { type DestinationIdentity, destinationKey, type Service, serviceKey } from '../../../src/ipvs/table.js';
import { until } from '../../helpers/deadline.js';
import { type DialOptions, dial, type TcpClient } from '../../helpers/tcp-client.js';
import {
  building,
  carryOut,
  destinationAt,
  ifItForgets,
  ifItPasses,
  opened,
  type Settings,
  type Subject,
  serviceAt,
  startServers,
} from './fixture.js';

type Shares = Parameters<typeof destinationAt>[1];

/** A service with one named server (`a`, `b`, …) for each of the settings, and ways to use it. */
async function balanced(t: TestContext, subject: Subject, settings: Settings, ...shares: Shares[]) {
  const backend = await opened(t, subject);
  const servers = await startServers(t, shares.length);
  const service = await serviceAt('127.0.0.1', 'tcp', settings);
  const destinations = servers.map((server, index) => destinationAt(server, shares[index]));
  await carryOut(backend, ...building(service, destinations));

  const connect = async (options?: DialOptions) => {
    const client = await dial(service.address, service.port, options);
    t.after(() => client.close());
    return client;
  };
  /** Connects, and gives the name of the server that answered. */
  const name = async (options?: DialOptions) => (await connect(options)).line();
  const edit = (index: number, change: Shares) => {
    const destination = destinations[index];
    assert.ok(destination);
    return carryOut(backend, { type: 'edit-destination', service, destination: { ...destination, ...change } });
  };
  const counts = () => Promise.all(destinations.map((destination) => countsOf(backend, service, destination)));
  return { backend, service, destinations, servers, connect, name, edit, counts };
}

async function countsOf(backend: Backend, service: Service, destination: DestinationIdentity) {
  const entry = (await backend.read()).get(serviceKey(service));
  const held = entry?.destinations.get(destinationKey(destination));
  return [held?.activeConnections, held?.inactiveConnections];
}

async function untilCounts(counts: () => Promise<unknown>, expected: unknown): Promise<void> {
  await until(`the counts are ${JSON.stringify(expected)}`, async () => {
    return JSON.stringify(await counts()) === JSON.stringify(expected);
  });
}

/** The connection was taken and reset, or refused. */
async function assertTurnedAway(connecting: Promise<TcpClient>): Promise<void> {
  const outcome = await connecting.then(
    (client) => client.ending(),
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
  assert.ok(outcome === 'ECONNRESET' || outcome === 'ECONNREFUSED', `turned away, not ${outcome}`);
}

export function tcpConformance(subject: Subject): void {
  const atOnce = ifItForgets(subject);
  describe('TCP connections', ifItPasses(subject), () => {
    test('rr takes the destinations in turn, whatever their weight', async (t) => {
      const { name } = await balanced(t, subject, { scheduler: 'rr' }, { weight: 1 }, { weight: 9 }, { weight: 2 });
      const turn = [await name(), await name(), await name()];
      assert.deepEqual([...turn].sort(), ['a', 'b', 'c']);
      for (const expected of [...turn, ...turn]) assert.equal(await name(), expected);
    });

    test('wrr gives 3 to 1, in each round of four', async (t) => {
      const { name } = await balanced(t, subject, { scheduler: 'wrr' }, { weight: 3 }, { weight: 1 });
      for (let round = 0; round < 3; round++) {
        const names = [await name(), await name(), await name(), await name()];
        assert.deepEqual(names.sort(), ['a', 'a', 'a', 'b']);
      }
    });

    for (const scheduler of ['lc', 'wlc']) {
      test(`${scheduler} takes the destination with the fewest connections`, atOnce, async (t) => {
        const { connect, counts } = await balanced(t, subject, { scheduler }, {}, {});
        const clients = [await connect(), await connect(), await connect(), await connect()];
        const names = await Promise.all(clients.map((client) => client.line()));
        assert.deepEqual([...names].sort(), ['a', 'a', 'b', 'b']);
        const ofA = clients.filter((_, index) => names[index] === 'a');
        for (const client of ofA) client.close();
        await untilCounts(async () => (await counts())[0], [0, 0]);
        assert.equal(await (await connect()).line(), 'a');
        assert.equal(await (await connect()).line(), 'a');
      });
    }

    test('wlc counts connections in proportion to weight', async (t) => {
      const { name } = await balanced(t, subject, { scheduler: 'wlc' }, { weight: 3 }, { weight: 1 });
      const names = [];
      for (let index = 0; index < 8; index++) names.push(await name());
      assert.deepEqual(names.sort(), ['a', 'a', 'a', 'a', 'a', 'a', 'b', 'b']);
    });

    test('sh gives a client address the same destination each time, and spreads addresses', async (t) => {
      const { name } = await balanced(t, subject, { scheduler: 'sh' }, {}, {}, {});
      const sources = Array.from({ length: 16 }, (_, index) => `127.0.0.${index + 1}`);
      const chosen = new Set<string>();
      for (const localAddress of sources) {
        const first = await name({ localAddress });
        assert.equal(await name({ localAddress }), first);
        chosen.add(first);
      }
      assert.ok(chosen.size > 1);
    });

    test('weight 0 keeps a connection and takes no new one', async (t) => {
      const { connect, name, edit } = await balanced(t, subject, { scheduler: 'rr' }, {}, {});
      const clients = [await connect(), await connect()];
      const names = await Promise.all(clients.map((client) => client.line()));
      const kept = clients[names.indexOf('a')];
      assert.ok(kept);
      await edit(0, { weight: 0 });
      assert.deepEqual([await name(), await name(), await name()], ['b', 'b', 'b']);
      kept.socket.end('still here\n');
      assert.equal(await kept.line(), 'still here');
      assert.equal(await kept.ending(), 'end');
      await edit(0, { weight: 1 });
      assert.deepEqual([await name(), await name()].sort(), ['a', 'b']);
    });

    test('without a destination that takes it a connection is turned away', async (t) => {
      const { backend, service, connect, edit, destinations } = await balanced(t, subject, {}, {});
      await edit(0, { weight: 0 });
      await assertTurnedAway(connect());
      for (const destination of destinations) {
        await carryOut(backend, { type: 'delete-destination', service, destination });
      }
      await assertTurnedAway(connect());
    });

    test('a destination that refuses costs its client the connection', async (t) => {
      const { servers, connect } = await balanced(t, subject, {}, {});
      await Promise.all(servers.map((server) => server.close()));
      await assertTurnedAway(connect());
    });

    test('deleting a destination resets its connections and no others', atOnce, async (t) => {
      const { backend, service, destinations, connect, counts } = await balanced(
        t,
        subject,
        { scheduler: 'rr' },
        {},
        {},
      );
      const clients = [await connect(), await connect()];
      const names = await Promise.all(clients.map((client) => client.line()));
      const [gone, kept] = [clients[names.indexOf('a')], clients[names.indexOf('b')]];
      const [a] = destinations;
      assert.ok(gone && kept && a);
      await carryOut(backend, { type: 'delete-destination', service, destination: a });
      assert.equal(await gone.ending(), 'ECONNRESET');
      kept.socket.write('here\n');
      assert.equal(await kept.line(), 'here');
      assert.deepEqual(await counts(), [
        [undefined, undefined],
        [1, 0],
      ]);
      await carryOut(backend, { type: 'add-destination', service, destination: a });
      assert.deepEqual((await counts())[0], [0, 0]);
    });

    test('deleting a service resets its connections and takes no new ones', atOnce, async (t) => {
      const { backend, service, connect } = await balanced(t, subject, {}, {});
      const client = await connect();
      assert.equal(await client.line(), 'a');
      await carryOut(backend, { type: 'delete-service', service });
      assert.equal(await client.ending(), 'ECONNRESET');
      await assert.rejects(connect(), { code: 'ECONNREFUSED' });
    });

    test('editing a service keeps its connections', async (t) => {
      const { backend, service, connect, name } = await balanced(t, subject, {}, {}, {});
      const client = await connect();
      await client.line();
      await carryOut(backend, { type: 'edit-service', service: { ...service, scheduler: 'rr', persistent: 60 } });
      client.socket.end('still here\n');
      assert.equal(await client.line(), 'still here');
      assert.equal(await client.ending(), 'end');
      assert.equal(await name(), await name());
    });

    test('a persistent client stays until its destination is quiescent', atOnce, async (t) => {
      const { name, edit } = await balanced(t, subject, { scheduler: 'rr', persistent: 300 }, {}, {});
      const mine = await name();
      assert.deepEqual([await name(), await name()], [mine, mine]);
      const other = await name({ localAddress: '127.0.0.2' });
      assert.notEqual(other, mine);
      await edit(mine === 'a' ? 0 : 1, { weight: 0 });
      assert.deepEqual([await name(), await name()], [other, other]);
    });

    test('persistence takes the clients of one network as one', async (t) => {
      const { name } = await balanced(t, subject, { scheduler: 'rr', persistent: 300, netmask: 24 }, {}, {});
      const first = await name({ localAddress: '127.0.1.1' });
      assert.equal(await name({ localAddress: '127.0.1.200' }), first);
      assert.notEqual(await name({ localAddress: '127.0.2.1' }), first);
      assert.equal(await name({ localAddress: '127.0.1.77' }), first);
    });

    test('a destination at its upper threshold rests until it is below the lower one', atOnce, async (t) => {
      const bounds = { upperThreshold: 3, lowerThreshold: 2 };
      const { connect, name, counts } = await balanced(t, subject, { scheduler: 'rr' }, bounds, { weight: 0 });
      const clients = [await connect(), await connect(), await connect()];
      for (const client of clients) assert.equal(await client.line(), 'a');
      await assertTurnedAway(connect());
      clients[0]?.close();
      await untilCounts(async () => (await counts())[0], [2, 0]);
      await assertTurnedAway(connect());
      clients[1]?.close();
      await untilCounts(async () => (await counts())[0], [1, 0]);
      assert.equal(await name(), 'a');
    });

    test('counts connections while they stand, and as inactive once half closed', atOnce, async (t) => {
      const { connect, counts, servers } = await balanced(t, subject, { scheduler: 'rr' }, {});
      const clients = [await connect(), await connect()];
      for (const client of clients) await client.line();
      assert.deepEqual(await counts(), [[2, 0]]);
      const [first, second] = clients;
      assert.ok(first && second);
      first.close();
      await untilCounts(counts, [[1, 0]]);
      for (const socket of servers[0]?.sockets ?? []) socket.end();
      assert.equal(await second.ending(), 'end');
      assert.deepEqual(await counts(), [[0, 1]]);
      second.socket.resetAndDestroy();
      await untilCounts(counts, [[0, 0]]);
    });
  });
}
