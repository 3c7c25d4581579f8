/** Up means: the port takes a TCP connection, whatever becomes of it then; one that is reset at once was taken. */

import { answerOf, type ProbeFailure } from './failure.js';
import { type Ending, type Probe, type ProbeAnswer, probeBy } from './probe.js';
import { beginConnect, type Caller } from './sockets/tcp-connect.js';
import type { TcpSocket } from './sockets/tcp-socket.js';

const accepted: ProbeAnswer = { ok: true, reason: 'connect: accepted' };

export const probeConnect: Probe = probeBy((check, signal, ending) => {
  beginConnect(check, signal, 'anything', new Connecting(ending));
});

class Connecting implements Caller {
  readonly #ending: Ending;

  constructor(ending: Ending) {
    this.#ending = ending;
  }

  connected(socket: TcpSocket): void {
    socket.end();
    this.#ending.settle(accepted);
  }

  failed(failure: ProbeFailure): void {
    this.#ending.settle(answerOf(failure));
  }
}
