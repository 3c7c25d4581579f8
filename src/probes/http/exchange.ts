/** One HTTP request and its response, over a connection of its own or over one that is kept. */

import type { Peer } from '../sockets/dial.js';
import { connectTo } from '../sockets/tcp-connect.js';
import type { SessionPlace } from '../sockets/tls-sessions.js';
import type { HttpRequest, HttpResponse } from './http-message.js';
import { askKept, type Keep } from './kept-connections.js';
import { PlainHttp1Channel } from './plain-http1.js';

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
  const { target, version, request, keep } = wanted;
  if (version !== '1.1' || target.tls !== null) return exchangeDialled(wanted, signal);
  if (keep === null) return askPlain(wanted, signal);
  return askKept(request, keep, () => openPlain(wanted, signal), signal);
}

/** TLS and HTTP/2 bring libraries along, which cost megabytes. */
async function exchangeDialled(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  const { askDialled, openDialled } = await import('./dialled-exchange.js');
  const { request, keep } = wanted;
  if (keep === null) return askDialled(wanted, signal);
  return askKept(request, keep, () => openDialled(wanted, signal), signal);
}

async function askPlain({ target, request }: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  const channel = new PlainHttp1Channel(await connectTo(target, signal, 'request'));
  try {
    return await channel.ask(request, signal);
  } finally {
    channel.end();
  }
}

async function openPlain({ target }: Exchange, signal: AbortSignal): Promise<PlainHttp1Channel> {
  return new PlainHttp1Channel(await connectTo(target, signal, 'request'));
}
