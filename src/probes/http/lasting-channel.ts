/** A channel together with the dialled connection that it stands on. */

import { type Connection, type Peer, withConnection } from '../sockets/dial.js';
import type { Asker, Channel, HttpRequest, HttpResponse, Lasting } from './http-message.js';

/** Rejects with a ProbeFailure. */
export function openLasting(
  target: Peer,
  open: (connection: Connection) => Channel,
  signal: AbortSignal,
): Promise<Lasting> {
  // The life of the connection: the signal of the check counts only until it stands.
  const life = new AbortController();
  const abort = () => life.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return new Promise<Lasting>((resolve, reject) => {
    let settled = (): void => {};
    const gone = new Promise<void>((done) => {
      settled = done;
    });
    withConnection(target, life.signal, (connection) => {
      const released = new Promise<void>((release) => {
        resolve(new LastingChannel(connection, open(connection), release, gone));
      });
      return released;
    })
      .catch(reject)
      .finally(settled);
  }).finally(() => signal.removeEventListener('abort', abort));
}

class LastingChannel implements Lasting {
  onGone: Lasting['onGone'] = () => {};
  readonly #connection: Connection;
  readonly #channel: Channel;
  readonly #release: () => void;
  readonly #gone: Promise<void>;

  constructor(connection: Connection, channel: Channel, release: () => void, gone: Promise<void>) {
    this.#connection = connection;
    this.#channel = channel;
    this.#release = release;
    this.#gone = gone;
    connection.socket.once('close', () => {
      this.onGone(this);
      this.#release();
    });
  }

  get ready(): boolean {
    return this.#channel.ready;
  }

  get answered(): boolean {
    return this.#channel.answered;
  }

  whenSettled(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  begin(request: HttpRequest, signal: AbortSignal, asker: Asker): void {
    this.ask(request, signal).then(
      (response) => asker.answered(response),
      (failure) => asker.failed(failure),
    );
  }

  async ask(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const abort = () => this.#connection.end();
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await this.#channel.ask(request, signal);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  rest(): void {
    this.#connection.socket.unref();
  }

  async close(): Promise<void> {
    this.#connection.end();
    await this.#channel.close();
    this.#release();
    await this.#gone;
  }
}
