/**
 * Connections that outlive the check that opened them, each until it is idle for too long. They hold up no exit
 * of the process. One check runs at a time, so that one connection for each is enough.
 */

import { type Connection, type Target, withConnection } from './dial.js';
import { ProbeFailure } from './failure.js';
import type { Channel, HttpRequest, HttpResponse } from './http-message.js';

/** Idle ones; each is a descriptor. The connection of a check beyond is not kept. */
const bound = 1024;

export interface Keeping {
  readonly target: Target;
  readonly open: (connection: Connection) => Channel;
  readonly request: HttpRequest;
  /** Milliseconds that it may be idle. */
  readonly keepFor: number;
}

const idle = new Map<string, Kept>();

/**
 * Asks over a kept connection where there is one, and over a fresh one where there is none or the server has
 * closed it meanwhile. Rejects with a ProbeFailure.
 */
export async function askKept(keeping: Keeping, signal: AbortSignal): Promise<HttpResponse> {
  const key = keyOf(keeping);
  const kept = idle.get(key);
  if (kept !== undefined) {
    idle.delete(key);
    try {
      return await asked(kept, key, keeping, signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof ProbeFailure) || error.phase === 'response body') throw error;
    }
  }
  return asked(await Kept.open(keeping, signal), key, keeping, signal);
}

/** Ends every connection that is kept. */
export async function closeKeptConnections(): Promise<void> {
  const all = [...idle.values()];
  idle.clear();
  await Promise.all(all.map((kept) => kept.end()));
}

async function asked(
  kept: Kept,
  key: string,
  { request, keepFor }: Keeping,
  signal: AbortSignal,
): Promise<HttpResponse> {
  try {
    const response = await kept.ask(request, signal);
    // Only then has the library looked at what the server says about closing.
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (kept.ready && !signal.aborted && idle.size < bound && !idle.has(key)) {
      idle.set(key, kept);
      kept.rest(keepFor, () => {
        if (idle.get(key) === kept) idle.delete(key);
      });
    }
    return response;
  } finally {
    if (idle.get(key) !== kept) await kept.end();
  }
}

/** What two requests must have in common to share a connection. Of certificates their digests. */
function keyOf({ target: { address, port, tls, alpn }, request: { host, path } }: Keeping): string {
  const { ca, client, ...options } = tls ?? { ca: null, client: null };
  const pems = [ca?.digest, client?.cert.digest, client?.key.digest];
  return JSON.stringify([address, port, alpn, tls === null ? null : options, pems, host, path]);
}

class Kept {
  readonly #connection: Connection;
  readonly #channel: Channel;
  readonly #release: () => void;
  readonly #gone: Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #forget = (): void => {};

  private constructor(connection: Connection, channel: Channel, release: () => void, gone: Promise<void>) {
    this.#connection = connection;
    this.#channel = channel;
    this.#release = release;
    this.#gone = gone;
    connection.socket.once('close', () => {
      this.#forget();
      this.#release();
    });
  }

  /** Rejects with a ProbeFailure. */
  static open({ target, open }: Keeping, signal: AbortSignal): Promise<Kept> {
    // The life of the connection: the signal of the check counts only until it stands.
    const life = new AbortController();
    const abort = () => life.abort(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    return new Promise<Kept>((resolve, reject) => {
      let settled = (): void => {};
      const gone = new Promise<void>((done) => {
        settled = done;
      });
      withConnection(target, life.signal, (connection) => {
        const released = new Promise<void>((release) => {
          resolve(new Kept(connection, open(connection), release, gone));
        });
        return released;
      })
        .catch(reject)
        .finally(settled);
    }).finally(() => signal.removeEventListener('abort', abort));
  }

  get ready(): boolean {
    return this.#channel.ready;
  }

  async ask(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    clearTimeout(this.#timer);
    this.#forget = () => {};
    const abort = () => this.#connection.end();
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await this.#channel.ask(request, signal);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Waits for the next request; `forget` is called when none can come any more. */
  rest(milliseconds: number, forget: () => void): void {
    this.#forget = forget;
    this.#connection.socket.unref();
    this.#timer = setTimeout(() => {
      forget();
      void this.end();
    }, milliseconds).unref();
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer);
    this.#connection.end();
    await this.#channel.close();
    this.#release();
    await this.#gone;
  }
}
