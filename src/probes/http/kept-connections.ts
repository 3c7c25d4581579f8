/**
 * Connections that outlive the check that opened them, each until it is idle for too long, or has been used for long
 * enough. They hold up no exit of the process.
 */

import { performance } from 'node:perf_hooks';
import { guarded } from '../confinement.js';
import { keepingBound } from '../keeping.js';
import { atRelease } from '../release.js';
import { isFresh } from '../sockets/freshness.js';
import { reactor } from '../sockets/reactor.js';
import type { HttpRequest, HttpResponse, Lasting } from './http-message.js';

/** Milliseconds between two looks for those that are idle for too long. */
const sweepEvery = 250;
/** What a server says that has waited for a request for too long (RFC 9110, section 15.5.9). */
const requestTimeout = 408;

/** Those that have a connection. */
const all = new Set<Keep>();
let sweep: NodeJS.Timeout | null = null;

/** A place for one connection: a check asks once at a time, so that it needs no more. */
export class Keep {
  /** Milliseconds that the connection may be idle. */
  readonly #idle: number;
  #connection: Lasting | null = null;
  /** Since when it is idle, and since when it stands, as performance.now(). */
  #since = 0;
  #began = 0;
  /** Requests that were made over it. */
  #uses = 0;
  /** Whether it is one of `all`. A field, since every check asks: to look things up was a twentieth of a kept one. */
  #isListed = false;
  /** One for all: made anew with each check it would live from check to check, which costs more than the check's own garbage. */
  readonly #endIfGone = (gone: Lasting): void => {
    if (this.#connection === gone) void this.end();
  };

  constructor(idle: number) {
    this.#idle = idle;
  }

  /** The connection that is idle, for the caller to put back or to end; null where there is none. */
  take(): Lasting | null {
    const connection = this.#connection;
    this.#connection = null;
    return connection;
  }

  /** One that was opened just now is to be put here. */
  begin(): void {
    this.#began = performance.now();
    this.#uses = 0;
  }

  /**
   * Keeps a connection from now on, once more after each request. False where there is no place for it, or it has been
   * used for long enough: then it stays the caller's.
   */
  put(connection: Lasting): boolean {
    if (this.#connection !== null || (!this.#isListed && all.size >= keepingBound().connections)) return false;
    const now = performance.now();
    this.#uses += 1;
    if (!isFresh(this.#began, this.#uses, now)) return false;
    this.#connection = connection;
    this.#since = now;
    if (!this.#isListed) this.#list();
    connection.onGone = this.#endIfGone;
    connection.rest();
    return true;
  }

  /** Ends what is idle, and is forgotten until there is something to keep again. */
  async end(): Promise<void> {
    this.#unlist();
    await this.take()?.close();
  }

  /** At `now`, as performance.now(). One in use is listed again when it is put back, if ever. */
  endIfOld(now: number): void {
    if (this.#connection === null) this.#unlist();
    else if (now - this.#since >= this.#idle || !isFresh(this.#began, this.#uses, now)) void this.end();
  }

  #list(): void {
    this.#isListed = true;
    all.add(this);
    sweep ??= setInterval(guarded(endOld), sweepEvery).unref();
  }

  #unlist(): void {
    this.#isListed = false;
    all.delete(this);
    if (all.size > 0 || sweep === null) return;
    clearInterval(sweep);
    sweep = null;
  }
}

/**
 * Asks over the kept connection where there is one, and over a fresh one where there is none, or where the server has
 * closed it meanwhile: then nothing has come in answer. Rejects with a ProbeFailure, as `open` must.
 */
export async function askKept(
  request: HttpRequest,
  keep: Keep,
  open: () => Promise<Lasting>,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const connection = keep.take();
  if (connection !== null) {
    try {
      const response = await ask(connection, keep, request, signal);
      if (response.status !== requestTimeout) return response;
    } catch (error) {
      if (signal.aborted || connection.answered) throw error;
    }
  }
  const fresh = await open();
  keep.begin();
  return ask(fresh, keep, request, signal);
}

async function ask(connection: Lasting, keep: Keep, request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  let isKept = false;
  try {
    const response = await connection.ask(request, signal);
    const settled = connection.whenSettled();
    if (settled !== null) await settled;
    const stays = connection.ready && response.status !== requestTimeout;
    isKept = stays && !signal.aborted && keep.put(connection);
    return response;
  } finally {
    if (!isKept) await connection.close();
  }
}

function endOld(): void {
  // Where no check is under way nobody looks at what servers say.
  reactor.refresh();
  const now = performance.now();
  for (const keep of all) keep.endIfOld(now);
}

/** Ends every connection that is idle; those in use end with their checks. */
async function closeAll(): Promise<void> {
  await Promise.all([...all].map((keep) => keep.end()));
}

atRelease(closeAll);
