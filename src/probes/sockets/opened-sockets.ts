/**
 * The sockets that a library opens by itself because it takes none. Node announces every socket to whoever asks, so
 * that they have an owner here: they end with the probe, and with its deadline.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { failureOf, type Phase, ProbeFailure } from '../failure.js';

/** Bytes that a server may say: a login and the first rows. */
const saidBound = 1024 * 1024;
/** Milliseconds between two looks at what it has said. */
const lookInterval = 50;

/** Which probe a socket is opened for, however long after the start of that. */
const probe = new AsyncLocalStorage<OpenedSockets>();

/**
 * Runs `use`, and rejects with a ProbeFailure as soon as its sockets fail or the signal aborts, whether the library
 * takes note or not. When it settles they are gone.
 */
export async function withSocketsOf<T>(signal: AbortSignal, use: (sockets: OpenedSockets) => Promise<T>): Promise<T> {
  const sockets = new OpenedSockets(signal);
  const opened = (message: unknown) => {
    if (probe.getStore() === sockets) sockets.adopt((message as { readonly socket: net.Socket }).socket);
  };
  subscribe(channel, opened);
  const work = probe.run(sockets, () => use(sockets));
  try {
    return await Promise.race([sockets.broken, work]);
  } finally {
    sockets.end();
    // Until it has noticed that its sockets end, the library can open another.
    await work.catch(() => {});
    await sockets.whenClosed();
    unsubscribe(channel, opened);
  }
}

const channel = 'net.client.socket';

export class OpenedSockets {
  /** What the library is doing, for the reason of a failure. */
  phase: Phase = 'connect';
  /** Never resolves. */
  readonly broken: Promise<never>;
  readonly #signal: AbortSignal;
  readonly #sockets = new Set<net.Socket>();
  readonly #watch: NodeJS.Timeout;
  readonly #aborted = () => this.fail(this.#signal.reason);
  #reject: (failure: ProbeFailure) => void = () => {};
  #over = false;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    this.broken = new Promise((_resolve, reject) => {
      this.#reject = reject;
    });
    this.#watch = setInterval(() => this.#look(), lookInterval);
    signal.addEventListener('abort', this.#aborted, { once: true });
    if (signal.aborted) this.#aborted();
  }

  /** A socket that begins to connect in this turn of the loop. */
  adopt(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.once('connect', () => {
      if (this.phase === 'connect') this.phase = 'login';
    });
    socket.on('error', (error) => this.fail(error));
    // A call to connect would bring it to life again.
    if (this.#over) process.nextTick(() => destroy(socket));
  }

  /** Ends the probe with this failure, or with the deadline where that has come. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#reject(failureOf(this.phase, error, this.#signal));
  }

  /** Destroys what is open, and whatever is opened from here on. */
  end(): void {
    this.#over = true;
    clearInterval(this.#watch);
    this.#signal.removeEventListener('abort', this.#aborted);
    for (const socket of this.#sockets) destroy(socket);
  }

  /** Not by the event: libraries remove the listeners of others. */
  async whenClosed(): Promise<void> {
    while ([...this.#sockets].some(({ closed }) => !closed)) await setImmediate();
  }

  #look(): void {
    const said = [...this.#sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    if (said > saidBound) this.fail(new ProbeFailure(this.phase, `the server says more than ${saidBound} bytes`));
  }
}

/** With an error, which the library waits for where it does not wait for the end. */
function destroy(socket: net.Socket): void {
  socket.on('error', () => {});
  socket.destroy(new Error('the probe is over'));
}
