/** UDP through a service: who gets a datagram, and who its reply. */

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { destinationKey, serviceKey } from '../../../src/ipvs/table.js';
import { startUdpPeer, type UdpPeer } from '../../helpers/udp-server.js';
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
} from './fixture.js';

/** A service with servers that answer each datagram with their name and what they got. */
async function balanced(t: TestContext, subject: Subject, settings: Settings, count: number, address = '127.0.0.1') {
  const backend = await opened(t, subject);
  const peer = async (...args: Parameters<typeof startUdpPeer>): Promise<UdpPeer> => {
    const started = await startUdpPeer(...args);
    t.after(() => started.close());
    return started;
  };
  const names = [...'abcdefgh'].slice(0, count);
  const servers = await Promise.all(names.map((name) => peer(address, (text) => `${name} ${text}`)));
  const service = await serviceAt(address, 'udp', settings);
  const destinations = servers.map((server) => destinationAt(server));
  await carryOut(backend, ...building(service, destinations));
  const client = () => peer(address);
  const send = (from: UdpPeer, text: string) => from.socket.send(text, service.port, service.address);
  const ask = async (from: UdpPeer, text: string) => {
    send(from, text);
    return from.receive();
  };
  const inactive = async () => {
    const entry = (await backend.read()).get(serviceKey(service));
    return destinations.map((destination) => {
      const held = entry?.destinations.get(destinationKey(destination));
      assert.ok(!held || held.activeConnections === 0);
      return held?.inactiveConnections;
    });
  };
  return { backend, service, destinations, servers, client, send, ask, inactive };
}

export function udpConformance(subject: Subject): void {
  const atOnce = ifItForgets(subject);
  describe('UDP flows', ifItPasses(subject), () => {
    for (const address of ['127.0.0.1', '::1']) {
      test(`replies come back to the client that asked, at ${address}`, async (t) => {
        const { client, ask, inactive } = await balanced(t, subject, { scheduler: 'rr' }, 2, address);
        const clients = [await client(), await client(), await client(), await client()];
        for (const round of ['one', 'two', 'three']) {
          const replies = await Promise.all(clients.map((from, index) => ask(from, `${round} ${index}`)));
          for (const [index, reply] of replies.entries()) assert.match(reply, new RegExp(`^[ab] ${round} ${index}$`));
        }
        assert.ok(clients.every(({ waiting }) => !waiting));
        assert.deepEqual(await inactive(), [2, 2]);
      });
    }

    test('a client stays with its destination, the next gets the next', async (t) => {
      const { client, ask } = await balanced(t, subject, { scheduler: 'rr' }, 2);
      const [first, second] = [await client(), await client()];
      const name = (await ask(first, '1')).charAt(0);
      assert.equal(await ask(second, '1'), `${name === 'a' ? 'b' : 'a'} 1`);
      assert.equal(await ask(first, '2'), `${name} 2`);
      assert.equal(await ask(first, '3'), `${name} 3`);
    });

    test('a server sends as many replies as it likes', async (t) => {
      const { client, ask, servers, send } = await balanced(t, subject, {}, 1);
      const from = await client();
      let balancer: number | undefined;
      servers[0]?.socket.on('message', (_, { port }) => {
        balancer = port;
      });
      assert.equal(await ask(from, 'x'), 'a x');
      assert.ok(balancer);
      for (const text of ['more', 'and more']) {
        servers[0]?.socket.send(text, balancer, '127.0.0.1');
        assert.equal(await from.receive(), text);
      }
      send(from, '');
      assert.equal(await from.receive(), 'a ');
    });

    test('one-packet scheduling chooses for each datagram', async (t) => {
      const { client, ask } = await balanced(t, subject, { scheduler: 'rr', ops: true }, 2);
      const from = await client();
      const names = [];
      for (let index = 0; index < 6; index++) names.push((await ask(from, 'x')).charAt(0));
      assert.ok(['ababab', 'bababa'].includes(names.join('')), names.join(''));
    });

    test('weight 0 keeps a flow and takes no new one', async (t) => {
      const { backend, service, destinations, client, ask } = await balanced(t, subject, { scheduler: 'rr' }, 2);
      const clients = [await client(), await client()];
      const names = [];
      for (const from of clients) names.push((await ask(from, 'x')).charAt(0));
      const [kept] = clients.slice(names.indexOf('a'));
      const [a] = destinations;
      assert.ok(kept && a);
      await carryOut(backend, { type: 'edit-destination', service, destination: { ...a, weight: 0 } });
      assert.equal(await ask(kept, 'y'), 'a y');
      assert.equal(await ask(await client(), 'y'), 'b y');
      assert.equal(await ask(await client(), 'y'), 'b y');
    });

    test('deleting a destination moves its clients to another', atOnce, async (t) => {
      const { backend, service, destinations, client, ask, inactive } = await balanced(t, subject, {}, 2);
      const from = await client();
      const name = (await ask(from, 'x')).charAt(0);
      const own = destinations[name === 'a' ? 0 : 1];
      assert.ok(own);
      await carryOut(backend, { type: 'delete-destination', service, destination: own });
      assert.equal(await ask(from, 'y'), `${name === 'a' ? 'b' : 'a'} y`);
      assert.deepEqual((await inactive()).sort(), [1, undefined]);
    });

    test('a datagram that nobody takes is lost, and a dead server no more than that', atOnce, async (t) => {
      const { backend, service, destinations, servers, client, send, ask } = await balanced(t, subject, {}, 1);
      const [a] = destinations;
      const from = await client();
      assert.ok(a);
      await carryOut(backend, { type: 'edit-destination', service, destination: { ...a, weight: 0 } });
      send(from, 'lost');
      await carryOut(backend, { type: 'delete-destination', service, destination: a });
      send(from, 'lost');
      const refusing = await startUdpPeer();
      await refusing.close();
      const dead = destinationAt(refusing);
      await carryOut(backend, { type: 'add-destination', service, destination: dead });
      for (let index = 0; index < 5; index++) send(from, 'lost');
      await carryOut(
        backend,
        { type: 'delete-destination', service, destination: dead },
        { type: 'add-destination', service, destination: a },
      );
      assert.equal(servers[0]?.waiting, false);
      // What was sent before may still be on its way, so the answer to this one need not be the first.
      send(from, 'found');
      let reply = await from.receive();
      while (reply === 'a lost') reply = await from.receive();
      assert.equal(reply, 'a found');
      assert.equal(await ask(from, 'again'), 'a again');
    });
  });
}
