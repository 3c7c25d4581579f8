/** One HTTP request and its response, over a connection of its own or over one that is kept. */

import { type Connection, type Target, withConnection } from './dial.js';
import type { Channel, HttpRequest, HttpResponse } from './http-message.js';
import { Http1Channel } from './http1.js';
import { Http2Channel } from './http2.js';
import { askKept } from './kept-connections.js';

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
export function exchange(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  const { version, request, keepFor } = wanted;
  const target = version === '2' ? { ...wanted.target, alpn: 'h2' } : wanted.target;
  const open = ({ socket }: Connection): Channel =>
    version === '2' ? new Http2Channel(socket) : new Http1Channel(socket);
  if (keepFor > 0) return askKept({ target, open, request, keepFor }, signal);
  return withConnection(target, signal, async (connection) => {
    const channel = open(connection);
    try {
      return await channel.ask(request, signal);
    } finally {
      // First, since undici would close and not reset. Not from its callbacks: it cannot bear that over TLS.
      connection.end();
      await channel.close();
    }
  });
}
