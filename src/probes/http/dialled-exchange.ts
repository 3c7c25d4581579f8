/** HTTP over TLS, or of version 2: on a connection that was dialled. */

import { ProbeFailure } from '../failure.js';
import { type Connection, type Peer, withConnection } from '../sockets/dial.js';
import type { Exchange } from './exchange.js';
import type { Channel, HttpResponse, Lasting } from './http-message.js';
import { Http1Channel } from './http1.js';
import { Http2Channel } from './http2.js';
import { openLasting } from './lasting-channel.js';

/** Over a connection of its own, which is gone when this settles. Rejects with a ProbeFailure. */
export async function askDialled(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  const resumes = wanted.sessions !== null && wanted.sessions.ticket !== null;
  try {
    return await askOnce(wanted, signal);
  } catch (error) {
    // No verdict hangs on a session, which can spoil a handshake and nothing behind it: the next one is a full one.
    const spoilt = resumes && !signal.aborted && error instanceof ProbeFailure && error.phase === 'tls';
    if (!spoilt) throw error;
    return askOnce(wanted, signal);
  }
}

function askOnce(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  return withConnection(targetOf(wanted), signal, async (connection) => {
    const channel = channelOn(connection, wanted);
    try {
      return await channel.ask(wanted.request, signal);
    } finally {
      // First, since a library would close and not reset.
      connection.end();
      await channel.close();
    }
  });
}

/** A connection to be kept. It resumes no session: a kept connection saves more. */
export function openDialled(wanted: Exchange, signal: AbortSignal): Promise<Lasting> {
  return openLasting(targetOf(wanted), (connection) => channelOn(connection, wanted), signal);
}

function targetOf({ target, version, sessions }: Exchange): Peer {
  const { address, port, route, tls } = target;
  return { address, port, route, tls, sessions, ...(version === '2' && { alpn: 'h2' }) };
}

function channelOn({ socket }: Connection, { version }: Exchange): Channel {
  return version === '2' ? new Http2Channel(socket) : new Http1Channel(socket);
}
