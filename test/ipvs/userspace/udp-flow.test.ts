import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import { sendBounded } from '../../../src/ipvs/userspace/udp-flow.js';

test('a client at port 0 gets no reply', (t) => {
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  socket.bind(0, '127.0.0.1');
  sendBounded(socket, Buffer.from('x'), { address: '127.0.0.1', port: 0 });
});
