import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserspaceBackend } from '../../../src/ipvs/userspace/backend.js';
import { addLoopbackAddress, ip, ownNetwork } from '../../helpers/own-network.js';
import { dial } from '../../helpers/tcp-client.js';
import { greet, startTcpServer } from '../../helpers/tcp-server.js';
import { startUdpPeer } from '../../helpers/udp-server.js';
import { building, carryOut, destinationAt, serviceAt } from '../conformance/fixture.js';

test('an address that comes to this machine later is served from then on', { skip: ownNetwork() }, async (t) => {
  const backend = new UserspaceBackend();
  t.after(() => backend.close());
  const [tcp, udp] = [await startTcpServer(greet('a')), await startUdpPeer('127.0.0.1', (text) => text)];
  t.after(() => Promise.all([tcp.close(), udp.close()]));
  for (const [address, near] of [
    ['192.0.2.7', '127.0.0.1'],
    ['2001:db8::7', '::1'],
  ] as const) {
    const overTcp = { ...(await serviceAt(near, 'tcp')), address };
    const overUdp = { ...(await serviceAt(near, 'udp')), address };
    await carryOut(backend, ...building(overTcp, [destinationAt(tcp)]), ...building(overUdp, [destinationAt(udp)]));
    await assert.rejects(dial(address, overTcp.port));
    if (near === '::1') await addLoopbackAddress(address);
    else ip(`addr add ${address}/32 dev lo`);

    const client = await dial(address, overTcp.port);
    assert.equal(await client.line(), 'a');
    client.close();
    const asking = await startUdpPeer(near);
    asking.socket.send('x', overUdp.port, address);
    assert.equal(await asking.receive(), 'x');
    await asking.close();
  }
});
