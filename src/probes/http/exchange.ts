/** One HTTP request and its response, over a connection of its own or over one that is kept. */

import { needThread } from '../confinement.js';
import type { ProbeFailure } from '../failure.js';
import { isUnjudged } from '../probe.js';
import type { Peer } from '../sockets/dial.js';
import { beginConnect, type Caller, connectTo } from '../sockets/tcp-connect.js';
import type { TcpSocket } from '../sockets/tcp-socket.js';
import type { SessionPlace } from '../sockets/tls-sessions.js';
import type { Asker, HttpRequest, HttpResponse } from './http-message.js';
import { askKept, beginKept, type Keep } from './kept-connections.js';
import { OwnHttp1Channel } from './own-http1.js';

export interface Exchange {
  readonly target: Peer;
  readonly version: '1.1' | '2';
  readonly request: HttpRequest;
  /** Whether and how the connection is kept for the next one. */
  readonly keep: Keep | null;
  /** Else where the TLS session is kept for it; null where none is. */
  readonly sessions: SessionPlace | null;
}

/**
 * Fails with a ProbeFailure that names the phase. By the time it settles the connection is gone or kept.
 * A body that is longer than the limit ends there and is no failure.
 */
export function beginExchange(wanted: Exchange, signal: AbortSignal, asker: Asker): void {
  const { target, version, request, keep } = wanted;
  if (version === '1.1' && target.tls === null) {
    if (keep === null) beginConnect(target, signal, 'request', new AskingOnce(request, signal, asker));
    else beginKept(request, keep, () => openPlain(wanted, signal), signal, asker);
    return;
  }
  exchangeByOthers(wanted, signal).then(
    (response) => asker.answered(response),
    (failure) => asker.failed(failure),
  );
}

/** The same by a promise, which rejects. */
export function exchange(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  return new Promise((answered, failed) => beginExchange(wanted, signal, { answered, failed }));
}

async function exchangeByOthers(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  const { version, target } = wanted;
  needThread('request', 'TLS');
  const isOwn = version === '1.1' && target.tls !== null && isUnjudged(target.tls);
  return isOwn ? exchangeSecure(wanted, signal) : exchangeDialled(wanted, signal);
}

/** By OpenSSL itself, where it can be called. */
async function exchangeSecure(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  const { askSecure, hasOpenSsl, openSecure } = await import('./secure-exchange.js');
  if (!hasOpenSsl()) return exchangeDialled(wanted, signal);
  const { request, keep } = wanted;
  if (keep === null) return askSecure(wanted, signal);
  return askKept(request, keep, () => openSecure(wanted, signal), signal);
}

/** Node's TLS and HTTP/2 cost megabytes. */
async function exchangeDialled(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  const { askDialled, openDialled } = await import('./dialled-exchange.js');
  const { request, keep } = wanted;
  if (keep === null) return askDialled(wanted, signal);
  return askKept(request, keep, () => openDialled(wanted, signal), signal);
}

async function openPlain({ target }: Exchange, signal: AbortSignal): Promise<OwnHttp1Channel> {
  return new OwnHttp1Channel(await connectTo(target, signal, 'request'));
}

/** Over a connection in clear, which ends with it. */
class AskingOnce implements Caller, Asker {
  readonly #request: HttpRequest;
  readonly #signal: AbortSignal;
  readonly #asker: Asker;
  #channel: OwnHttp1Channel | null = null;

  constructor(request: HttpRequest, signal: AbortSignal, asker: Asker) {
    this.#request = request;
    this.#signal = signal;
    this.#asker = asker;
  }

  connected(socket: TcpSocket): void {
    this.#channel = new OwnHttp1Channel(socket);
    this.#channel.begin(this.#request, this.#signal, this);
  }

  answered(response: HttpResponse): void {
    this.#channel?.end();
    this.#asker.answered(response);
  }

  failed(failure: ProbeFailure): void {
    this.#channel?.end();
    this.#asker.failed(failure);
  }
}
