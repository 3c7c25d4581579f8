/** One HTTP request and its response, over a connection of its own or over one that is kept. */

import type { Target } from './dial.js';
import type { HttpRequest, HttpResponse } from './http-message.js';
import { askKept } from './kept-connections.js';
import { PlainHttp1Channel } from './plain-http1.js';
import { connectTo } from './tcp-connect.js';

export interface Exchange {
  readonly target: Target;
  readonly version: '1.1' | '2';
  readonly request: HttpRequest;
  /** Milliseconds for which the connection is kept for the next one; 0 is not. */
  readonly keepFor: number;
}

/**
 * Rejects with a ProbeFailure that names the phase. By the time it settles the connection is gone or kept.
 * A body that is longer than the limit ends there and is no failure.
 */
export async function exchange(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  const { target, version, request, keepFor } = wanted;
  if (version === '1.1' && target.tls === null) {
    return keepFor > 0 ? askKept(wanted, openPlain, signal) : askPlain(target, request, signal);
  }
  // TLS and HTTP/2 bring libraries along, which cost megabytes.
  const { askDialled, openDialled } = await import('./dialled-exchange.js');
  return keepFor > 0 ? askKept(wanted, openDialled, signal) : askDialled(wanted, signal);
}

async function askPlain(target: Target, request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  const channel = await openPlain({ target }, signal);
  try {
    return await channel.ask(request, signal);
  } finally {
    channel.end();
  }
}

async function openPlain({ target }: Pick<Exchange, 'target'>, signal: AbortSignal): Promise<PlainHttp1Channel> {
  return new PlainHttp1Channel(await connectTo(target, signal));
}
