/** Connecting a socket of our own. */

import { failureOf, type ProbeFailure } from '../failure.js';
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
  const attempt = new Attempt(opened, signal, caller);
  signal.addEventListener('abort', attempt);
  opened.onEvent = () => attempt.end();
}

class Attempt {
  readonly #socket: TcpSocket;
  readonly #signal: AbortSignal;
  readonly #caller: Caller;

  constructor(socket: TcpSocket, signal: AbortSignal, caller: Caller) {
    this.#socket = socket;
    this.#signal = signal;
    this.#caller = caller;
  }

  /** It is connected, or has failed to. */
  end(): void {
    const { error } = this.#socket;
    if (error === null) {
      this.#settle();
      this.#caller.connected(this.#socket);
    } else {
      this.#fail(error);
    }
  }

  /** The signal has aborted. */
  handleEvent(): void {
    this.#fail(this.#signal.reason);
  }

  #fail(error: unknown): void {
    this.#settle();
    this.#socket.end();
    this.#caller.failed(failureOf('connect', error, this.#signal));
  }

  #settle(): void {
    this.#signal.removeEventListener('abort', this);
    this.#socket.onEvent = nothing;
  }
}

function nothing(): void {
  // Until the caller has something to do with it.
}
