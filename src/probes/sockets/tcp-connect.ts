/** Connecting a socket of our own. */

import { failureOf, type ProbeFailure } from '../failure.js';
import { Attempt } from './attempt.js';
import { type Endpoint, type Sequel, TcpSocket } from './tcp-socket.js';

/** Who waits for a connection, and is told once, be it at once. Neither throws. */
export interface Caller {
  /** Whose the socket is from now on. */
  connected(socket: TcpSocket): void;
  failed(failure: ProbeFailure): void;
}

/** Connects. Rejects with a ProbeFailure, then or when the signal aborts; by then the socket is gone. */
export function connectTo(endpoint: Endpoint, signal: AbortSignal, sequel: Sequel = 'anything'): Promise<TcpSocket> {
  return new Promise((connected, failed) => beginConnect(endpoint, signal, sequel, { connected, failed }));
}

/** The same without a promise. */
export function beginConnect(endpoint: Endpoint, signal: AbortSignal, sequel: Sequel, caller: Caller): void {
  let opened: TcpSocket;
  try {
    signal.throwIfAborted();
    opened = TcpSocket.open(endpoint, sequel);
  } catch (error) {
    caller.failed(failureOf('connect', error, signal));
    return;
  }
  new Connecting(opened, signal, caller);
}

class Connecting extends Attempt<TcpSocket> {
  readonly #caller: Caller;

  constructor(socket: TcpSocket, signal: AbortSignal, caller: Caller) {
    super(socket, 'connect', signal, caller);
    this.#caller = caller;
  }

  protected isThere({ error }: TcpSocket): boolean {
    if (error !== null) throw error;
    return true;
  }

  protected arrived(socket: TcpSocket): void {
    this.#caller.connected(socket);
  }
}
