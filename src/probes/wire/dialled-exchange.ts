/** HTTP over TLS, or of version 2: on a connection that was dialled, by the libraries for it. */

import { type Connection, type Target, withConnection } from './dial.js';
import type { Exchange } from './exchange.js';
import type { Channel, HttpResponse, Lasting } from './http-message.js';
import { Http1Channel } from './http1.js';
import { Http2Channel } from './http2.js';
import { openLasting } from './lasting-channel.js';
import { sessionFor } from './tls-sessions.js';

/** Over a connection of its own, which is gone when this settles. Rejects with a ProbeFailure. */
export async function askDialled(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  const resumes = sessionFor(wanted.target) !== null;
  try {
    return await askOnce(wanted, signal);
  } catch (error) {
    // No verdict hangs on a session: the failure has ended it, and the next handshake is a full one.
    if (!resumes || signal.aborted) throw error;
    return askOnce(wanted, signal);
  }
}

function askOnce(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  return withConnection(targetOf(wanted), signal, async (connection) => {
    const channel = channelOn(connection, wanted);
    try {
      return await channel.ask(wanted.request, signal);
    } finally {
      // First, since undici would close and not reset. Not from its callbacks: it cannot bear that over TLS.
      connection.end();
      await channel.close();
    }
  });
}

/** A connection to be kept. As a target of its own, which resumes no session: a kept connection saves more. */
export function openDialled(wanted: Exchange, signal: AbortSignal): Promise<Lasting> {
  return openLasting({ ...targetOf(wanted) }, (connection) => channelOn(connection, wanted), signal);
}

function targetOf({ target, version }: Exchange): Target {
  return version === '2' ? { ...target, alpn: 'h2' } : target;
}

function channelOn({ socket }: Connection, { version }: Exchange): Channel {
  return version === '2' ? new Http2Channel(socket) : new Http1Channel(socket);
}
