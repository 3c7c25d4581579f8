/** One HTTP request and its response, over a connection of its own or over one that is kept. */

import { needThread } from '../confinement.js';
import { isUnjudged } from '../probe.js';
import type { Peer } from '../sockets/dial.js';
import { connectTo } from '../sockets/tcp-connect.js';
import type { SessionPlace } from '../sockets/tls-sessions.js';
import type { HttpRequest, HttpResponse } from './http-message.js';
import { askKept, type Keep } from './kept-connections.js';
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
 * Rejects with a ProbeFailure that names the phase. By the time it settles the connection is gone or kept.
 * A body that is longer than the limit ends there and is no failure.
 */
export function exchange(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  const { target, version } = wanted;
  if (version !== '1.1' || target.tls !== null) needThread('request', 'TLS');
  if (version !== '1.1') return exchangeDialled(wanted, signal);
  if (target.tls === null) return exchangeOwn(wanted, openPlain, signal);
  return isUnjudged(target.tls) ? exchangeSecure(wanted, signal) : exchangeDialled(wanted, signal);
}

type Open = (wanted: Exchange, signal: AbortSignal) => Promise<OwnHttp1Channel>;

function exchangeOwn(wanted: Exchange, open: Open, signal: AbortSignal): Promise<HttpResponse> {
  const { request, keep } = wanted;
  return keep === null ? askOnce(wanted, open, signal) : askKept(request, keep, () => open(wanted, signal), signal);
}

/** By OpenSSL itself, where it can be called. */
async function exchangeSecure(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  const { askSecure, hasOpenSsl, openSecure } = await import('./secure-exchange.js');
  if (!hasOpenSsl()) return exchangeDialled(wanted, signal);
  return wanted.keep === null ? askSecure(wanted, signal) : exchangeOwn(wanted, openSecure, signal);
}

/** Node's TLS and HTTP/2 cost megabytes. */
async function exchangeDialled(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  const { askDialled, openDialled } = await import('./dialled-exchange.js');
  const { request, keep } = wanted;
  if (keep === null) return askDialled(wanted, signal);
  return askKept(request, keep, () => openDialled(wanted, signal), signal);
}

async function askOnce(wanted: Exchange, open: Open, signal: AbortSignal): Promise<HttpResponse> {
  const channel = await open(wanted, signal);
  try {
    return await channel.ask(wanted.request, signal);
  } finally {
    channel.end();
  }
}

async function openPlain({ target }: Exchange, signal: AbortSignal): Promise<OwnHttp1Channel> {
  return new OwnHttp1Channel(await connectTo(target, signal, 'request'));
}
