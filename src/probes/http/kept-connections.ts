/**
 * Connections that outlive the check that opened them, each until it is idle for too long, or has been used for long
 * enough. They hold up no exit of the process.
 */

import { performance } from 'node:perf_hooks';
import { guarded } from '../confinement.js';
import type { ProbeFailure } from '../failure.js';
import { keepingBound } from '../keeping.js';
import { atRelease } from '../release.js';
import { isFresh } from '../sockets/freshness.js';
import { reactor } from '../sockets/reactor.js';
import type { Asker, HttpRequest, HttpResponse, Lasting } from './http-message.js';

/** Milliseconds between two looks for those that are idle for too long, and at how many of these each one is looked at. */
const sweepEvery = 250;
const sweepsForAll = 4;
/** What a server says that has waited for a request for too long (RFC 9110, section 15.5.9). */
const requestTimeout = 408;

/** Those that have a connection. */
const all = new Set<Keep>();
let sweep: NodeJS.Timeout | null = null;
/** Where the next look begins. */
let rest = all.values();

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
export function askKept(request: HttpRequest, keep: Keep, open: Open, signal: AbortSignal): Promise<HttpResponse> {
  return new Promise((answered, failed) => beginKept(request, keep, open, signal, { answered, failed }));
}

export type Open = () => Promise<Lasting>;

/** The same without a promise. */
export function beginKept(request: HttpRequest, keep: Keep, open: Open, signal: AbortSignal, asker: Asker): void {
  const connection = keep.take();
  const asking = new KeptAsking(request, keep, signal, asker, open);
  if (connection === null) asking.openFresh();
  else asking.ask(connection);
}

class KeptAsking implements Asker {
  readonly #request: HttpRequest;
  readonly #keep: Keep;
  readonly #signal: AbortSignal;
  readonly #asker: Asker;
  /** Null once it was called. */
  #open: Open | null;
  #connection: Lasting | null = null;

  constructor(request: HttpRequest, keep: Keep, signal: AbortSignal, asker: Asker, open: Open) {
    this.#request = request;
    this.#keep = keep;
    this.#signal = signal;
    this.#asker = asker;
    this.#open = open;
  }

  ask(connection: Lasting): void {
    this.#connection = connection;
    connection.begin(this.#request, this.#signal, this);
  }

  openFresh(): void {
    const open = this.#open;
    this.#open = null;
    open?.()
      .then((fresh) => {
        this.#keep.begin();
        this.ask(fresh);
      })
      .catch((failure) => this.#asker.failed(failure));
  }

  answered(response: HttpResponse): void {
    const settled = this.#connection?.whenSettled() ?? null;
    if (settled === null) this.#finish(response);
    else void settled.then(() => this.#finish(response));
  }

  failed(failure: ProbeFailure): void {
    const isStale = this.#open !== null && !this.#signal.aborted && this.#connection?.answered === false;
    this.#end(() => {
      if (isStale) this.openFresh();
      else this.#asker.failed(failure);
    });
  }

  #finish(response: HttpResponse): void {
    const connection = this.#connection;
    const hasWaited = response.status === requestTimeout;
    if (connection?.ready && !hasWaited && !this.#signal.aborted && this.#keep.put(connection)) {
      this.#asker.answered(response);
      return;
    }
    this.#end(() => {
      if (hasWaited && this.#open !== null) this.openFresh();
      else this.#asker.answered(response);
    });
  }

  /** What comes next waits until nothing is left of the connection. */
  #end(next: () => void): void {
    const go = guarded(next);
    void this.#connection?.close().then(go, go);
  }
}

function endOld(): void {
  // Where no check is under way nobody looks at what servers say.
  reactor.refresh();
  const now = performance.now();
  // Who goes and who comes meanwhile is passed over, or met; in the end the first ones have their turn again.
  for (let left = Math.ceil(all.size / sweepsForAll); left > 0; left -= 1) {
    let { value, done } = rest.next();
    if (done) {
      rest = all.values();
      ({ value, done } = rest.next());
    }
    if (done || value === undefined) return;
    value.endIfOld(now);
  }
}

/** Ends every connection that is idle; those in use end with their checks. */
async function closeAll(): Promise<void> {
  await Promise.all([...all].map((keep) => keep.end()));
}

atRelease(closeAll);
