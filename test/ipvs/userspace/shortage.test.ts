import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { within } from '../../helpers/deadline.js';
import { ownNetwork, setNetwork } from '../../helpers/own-network.js';
import { TcpClient } from '../../helpers/tcp-client.js';
import { balancing } from './balancing.js';

test('that ports towards a server have run out is told, once for many connections', {
  skip: ownNetwork(),
}, async (t) => {
  const { server, service, told } = await balancing(t);
  setNetwork('ipv4/ip_local_port_range', '40000 40001');

  /** From a port of its own choice: the balancer is the one to run short. */
  const dialFrom = async (localPort: number) => {
    const socket = connect({ host: '127.0.0.1', port: service.port, localPort, allowHalfOpen: true });
    t.after(() => socket.destroy());
    await within('a connection', once(socket, 'connect'));
    return new TcpClient(socket);
  };
  for (const port of [50_000, 50_001]) assert.equal(await (await dialFrom(port)).line(), 'a');
  assert.equal(told.length, 0);
  for (const port of [50_002, 50_003]) {
    // The reset can come before the client has seen its connection stand.
    const ending = dialFrom(port).then((client) => client.ending());
    const outcome = await ending.catch((error: NodeJS.ErrnoException) => error.code);
    assert.equal(outcome, 'ECONNRESET');
  }
  assert.equal(told.length, 1);
  const [only] = told;
  assert.equal(only?.object, `127.0.0.1:${server.port} (127.0.0.1:${service.port})`);
  assert.equal(only?.failure.code, 'EADDRNOTAVAIL');
  assert.match(only?.failure.message ?? '', /tcp_tw_reuse=1/);
});
