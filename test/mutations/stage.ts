/** Where good servers speak and something comes between: a listener, or a datagram socket, and what was said there. */

import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Certificate } from '../helpers/certificate.js';
import { startTcpServer } from '../helpers/tcp-server.js';
import type { Step } from './mutator.js';

/** All that was said in one check. */
export interface Heard {
  /** What the client said: one for each piece. */
  readonly asked: Buffer[];
  /** What the good server said. */
  readonly meant: Buffer[];
  /** What reached the client: one for each connection, or for each datagram. */
  readonly said: Buffer[];
}

/** Comes between for one check. */
export interface Between {
  readonly heard: Heard;
  next(said: Buffer): readonly Step[];
}

export interface Stage {
  readonly port: number;
  /** What comes between from now on. */
  between: Between;
  close(): Promise<void>;
}

/** What a good server does with a connection. */
export type Serve = (connection: Duplex) => void;
/** What a good server answers to a datagram. */
export type Answer = (request: Buffer) => readonly Buffer[];

export function nothingBetween(): Between {
  return { heard: { asked: [], meant: [], said: [] }, next: (said) => [{ say: said }] };
}

/**
 * The server's end of a connection: what it writes is changed, and what the client sends comes as it is. `carrier` is
 * the socket, or TLS on it.
 */
function endOf(carrier: Duplex, socket: Socket, between: Between): Duplex {
  const { asked, meant, said } = between.heard;
  const place = said.push(Buffer.alloc(0)) - 1;
  let over = false;
  const deliver = async (step: Step): Promise<void> => {
    if (over || carrier.destroyed) return;
    if (step === 'end') carrier.end();
    else if (step === 'reset') socket.resetAndDestroy();
    else if (step !== 'stall' && 'wait' in step) await sleep(step.wait);
    else if (step !== 'stall' && step.say.length > 0) {
      said[place] = Buffer.concat([said[place] ?? Buffer.alloc(0), step.say]);
      carrier.write(step.say);
    }
    over = typeof step === 'string';
  };
  const end = new Duplex({
    read: () => {},
    write(chunk: Buffer, _, done) {
      meant.push(chunk);
      const all = async () => {
        for (const step of between.next(chunk)) await deliver(step);
      };
      all().then(() => done(), done);
    },
    final(done) {
      if (!over) carrier.end();
      done();
    },
    destroy(error, done) {
      if (!over) carrier.destroy();
      done(error);
    },
  });
  end.on('error', () => {});
  carrier.on('data', (chunk: Buffer) => {
    asked.push(chunk);
    if (!end.destroyed) end.push(chunk);
  });
  carrier.on('end', () => {
    if (!end.destroyed) end.push(null);
  });
  carrier.on('close', () => end.destroy());
  return end;
}

/** With a certificate it is spoken to within TLS, and what comes between is within that as well. */
export async function overTcp(serve: Serve, certificate?: Certificate): Promise<Stage> {
  const secureContext = certificate && createSecureContext(certificate);
  const carried = (socket: Socket): Duplex => {
    if (secureContext === undefined) return socket;
    const secured = new TLSSocket(socket, { isServer: true, secureContext });
    secured.on('error', () => {});
    return secured;
  };
  // A client may end its side and still read.
  const server = await startTcpServer((socket) => serve(endOf(carried(socket), socket, stage.between)));
  const stage: Stage = { port: server.port, between: nothingBetween(), close: () => server.close() };
  return stage;
}

export async function overUdp(answer: Answer): Promise<Stage> {
  const socket = createSocket('udp4');
  socket.on('error', () => {});
  const say = async (bytes: Buffer, { port, address }: RemoteInfo, { heard, next }: Between): Promise<void> => {
    heard.meant.push(bytes);
    for (const step of next(bytes)) {
      // There is no connection that could end.
      if (typeof step === 'string') return;
      if ('wait' in step) {
        await sleep(step.wait);
        continue;
      }
      // No more fits into one.
      const datagram = step.say.subarray(0, 60_000);
      heard.said.push(datagram);
      socket.send(datagram, port, address, () => {});
    }
  };
  socket.on('message', (request, from) => {
    const { between } = stage;
    between.heard.asked.push(request);
    for (const bytes of answer(request)) void say(bytes, from, between).catch(() => {});
  });
  socket.bind({ address: '127.0.0.1', port: 0, exclusive: true });
  await once(socket, 'listening');
  const stage: Stage = {
    port: socket.address().port,
    between: nothingBetween(),
    async close() {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
  return stage;
}
