/** What a socket is on its way to, as a connection or a handshake. */

import { failureOf, type Phase, type ProbeFailure } from '../failure.js';

interface Socket {
  onEvent: () => void;
  end(): void;
}

/** Who is told once, be it at once, of what has failed; must not throw. The socket is gone by then. */
interface Waiting {
  failed(failure: ProbeFailure): void;
}

/** It is over when the socket has got there, has failed to, or the signal aborts. */
export abstract class Attempt<S extends Socket> {
  readonly #socket: S;
  readonly #phase: Phase;
  readonly #signal: AbortSignal;
  readonly #waiting: Waiting;

  constructor(socket: S, phase: Phase, signal: AbortSignal, waiting: Waiting) {
    this.#socket = socket;
    this.#phase = phase;
    this.#signal = signal;
    this.#waiting = waiting;
    signal.addEventListener('abort', this);
    socket.onEvent = () => this.step();
  }

  /** Whether the socket has got there; throws why it cannot. */
  protected abstract isThere(socket: S): boolean;

  protected abstract arrived(socket: S): void;

  /** Goes on, when something has come. */
  step(): void {
    try {
      if (!this.isThere(this.#socket)) return;
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#settle();
    this.arrived(this.#socket);
  }

  /** The signal has aborted. */
  handleEvent(): void {
    this.#fail(this.#signal.reason);
  }

  #fail(error: unknown): void {
    this.#settle();
    this.#socket.end();
    this.#waiting.failed(failureOf(this.#phase, error, this.#signal));
  }

  #settle(): void {
    this.#signal.removeEventListener('abort', this);
    this.#socket.onEvent = nothing;
  }
}

function nothing(): void {
  // Until whoever has the socket then has something to do with it.
}
