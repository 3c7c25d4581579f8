/** Checks that speak no protocol, and those that take turns. */

import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { saysAndCloses } from '../helpers/bad-servers.js';
import { startDatagramPeer } from '../helpers/datagram-peer.js';
import type { Behaviour } from '../helpers/listener.js';
import { startTcpBlackHole } from '../helpers/tcp-black-hole.js';
import { nobody, type Question, scripted } from './question.js';
import { inTurn } from './web-questions.js';

const well = saysAndCloses('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
const sick = saysAndCloses('HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n');
const takes: Behaviour = (socket) => {
  // Whoever only connects ends the connection.
  socket.on('end', () => socket.end());
  socket.once('data', () => {});
};

function connections(): Question[] {
  const cases: readonly (readonly [string, Question['server'], readonly string[], ('tcp' | 'udp')?])[] = [
    ['connect: accepted', scripted(() => {}), ['checktype=connect']],
    ['connect: accepted and closed', scripted((socket) => void socket.end()), ['checktype=connect']],
    ['connect: accepted and reset', scripted((socket) => void socket.resetAndDestroy()), ['checktype=connect']],
    ['connect: refused', nobody, ['checktype=connect']],
    ['connect: no answer', startTcpBlackHole, ['checktype=connect', 'checktimeout=1']],
    ['connect: over UDP, somebody', () => startDatagramPeer(), ['checktype=connect'], 'udp'],
    ['connect: over UDP, nobody', nobody, ['checktype=connect'], 'udp'],
    ['ping: this machine', nobody, ['checktype=ping']],
    ['on: nobody', nobody, ['checktype=on']],
    ['off: somebody', scripted(() => {}), ['checktype=off']],
    ['none: nobody', nobody, ['service=none']],
    ['none: connected to, nobody', nobody, ['service=none', 'checktype=connect']],
    ['none: connected to, somebody', scripted(() => {}), ['service=none', 'checktype=connect']],
  ];
  return cases.map(([name, server, lines, protocol = 'tcp']) => ({ name, server, lines, protocol }));
}

/** When the first client has its answer nobody listens any more. */
const leaving: Question['server'] = async () => {
  const server = net.createServer((socket) => {
    server.close();
    socket.on('error', () => {});
    // The port is closed at the end of this turn.
    setTimeout(() => {
      well(socket);
      socket.resume();
    }, 10);
  });
  server.listen({ port: 0, host: '127.0.0.1', exclusive: true });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, close: () => server.close() };
};

function turns(): Question[] {
  const cases: readonly (readonly [string, Question['server'], number, number])[] = [
    ['always well', inTurn(well, takes, takes, takes, well), 3, 5],
    ['never well', inTurn(sick), 3, 5],
    ['never well, by connects alone', inTurn(sick, sick, sick, takes), 2, 3],
    ['sick at the next negotiate', inTurn(well, takes, takes, sick, sick, well, takes), 2, 7],
    ['sick at first', inTurn(sick, sick, well, takes, takes, well), 2, 6],
    ['one connect each time', inTurn(well, takes, well, takes, sick, well, takes), 1, 7],
    ['gone after the first', leaving, 3, 4],
  ];
  return [
    ...cases.map(
      ([name, server, connects, rounds]): Question => ({
        name: `turns: ${name}`,
        server,
        lines: [`checktype=${connects}`, 'service=http'],
        rounds,
      }),
    ),
    { name: 'turns: refused', server: nobody, lines: ['checktype=2', 'service=http'], rounds: 3 },
    { name: 'turns: no service', server: nobody, lines: ['checktype=2', 'service=none'], rounds: 3 },
    {
      name: 'turns: over UDP',
      server: () => startDatagramPeer(() => [Buffer.from('pong\n')]),
      lines: ['checktype=2', 'service=simpletcp', 'request="ping"', 'receive="pong"', 'negotiatetimeout=2'],
      protocol: 'udp',
      rounds: 4,
    },
  ];
}

export function connectionQuestions(): Question[] {
  return [...connections(), ...turns()];
}
