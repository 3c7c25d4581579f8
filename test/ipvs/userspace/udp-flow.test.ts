import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountedPlaces, trafficAt } from '../../../src/ipvs/userspace/counted.js';
import { Counts } from '../../../src/ipvs/userspace/counts.js';
import { EventLoop } from '../../../src/ipvs/userspace/event-loop.js';
import { LiveDestination } from '../../../src/ipvs/userspace/live-destination.js';
import { encodeAddress, PeerAddress } from '../../../src/ipvs/userspace/socket-address.js';
import { openFlow } from '../../../src/ipvs/userspace/udp-flow.js';
import { until } from '../../helpers/deadline.js';
import { startUdpPeer } from '../../helpers/udp-server.js';
import { destinationAt } from '../conformance/fixture.js';

test('a client at port 0 gets no reply', async (t) => {
  const server = await startUdpPeer('127.0.0.1', (text) => text);
  t.after(() => server.close());
  const loop = new EventLoop();
  t.after(() => loop.close());
  const place = new CountedPlaces().take();
  const destination = new LiveDestination(destinationAt(server), 1, new Counts(place, null));
  const flow = openFlow({ destination, stay: null }, new PeerAddress(encodeAddress('127.0.0.1', 0)), {
    loop,
    idle: loop.deadlines(1_000),
    patience: 1_000,
    // Nothing can be sent there, and nobody minds.
    answering: () => -1,
    onError: () => {},
    onClosed: () => {},
  });
  assert.ok(flow);
  flow.send(Buffer.from('x'), 1);
  loop.later({ goOn: () => {} });
  await until('the reply has come', () => {
    loop.later({ goOn: () => {} });
    loop.turn();
    return trafficAt(place).total.outPackets === 1n;
  });
  flow.close();
  assert.equal(destination.inactiveConnections, 0);
});
