/** One HTTP request and its response, over a connection of its own or over one that is kept. */

import { needThread } from '../confinement.js';
import { failureOf, type ProbeFailure } from '../failure.js';
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

type Secure = typeof import('./secure-exchange.js');

/** Once it is loaded: no check waits for a promise to have it. */
let secure: Secure | null = null;

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
  try {
    needThread('request', 'TLS');
  } catch (hindrance) {
    asker.failed(failureOf('request', hindrance, signal));
    return;
  }
  if (isOwn(wanted) && secure?.hasOpenSsl()) {
    exchangeSecure(secure, wanted, signal, asker);
  } else {
    exchangeByOthers(wanted, signal).then(
      (response) => asker.answered(response),
      (failure) => asker.failed(failure),
    );
  }
}

/** The same by a promise, which rejects. */
export function exchange(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  return new Promise((answered, failed) => beginExchange(wanted, signal, { answered, failed }));
}

function isOwn({ version, target }: Exchange): boolean {
  return version === '1.1' && target.tls !== null && isUnjudged(target.tls);
}

/** By OpenSSL itself. */
function exchangeSecure(own: Secure, wanted: Exchange, signal: AbortSignal, asker: Asker): void {
  const { request, keep } = wanted;
  if (keep === null) own.beginSecure(wanted, signal, asker);
  else beginKept(request, keep, () => own.openSecure(wanted, signal), signal, asker);
}

async function exchangeByOthers(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  if (isOwn(wanted)) {
    const own = await import('./secure-exchange.js');
    secure = own;
    if (own.hasOpenSsl()) {
      return new Promise((answered, failed) => exchangeSecure(own, wanted, signal, { answered, failed }));
    }
  }
  // Node's TLS and HTTP/2 cost megabytes.
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
