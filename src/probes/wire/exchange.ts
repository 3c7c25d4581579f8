/** One HTTP request and its response, over a connection of its own or over one that is kept. */

import { type Connection, type Target, withConnection } from './dial.js';
import type { Channel, HttpRequest, HttpResponse, Lasting } from './http-message.js';
import { Http1Channel } from './http1.js';
import { Http2Channel } from './http2.js';
import { askKept, type Open } from './kept-connections.js';
import { openLasting } from './lasting-channel.js';
import { PlainHttp1Channel } from './plain-http1.js';
import { connectTo } from './tcp-connect.js';
import { sessionFor } from './tls-sessions.js';

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
  if (wanted.keepFor > 0) return askKept(wanted, openFor(wanted), signal);
  return wanted.version === '1.1' && wanted.target.tls === null ? askPlain(wanted, signal) : askOnce(wanted, signal);
}

async function askPlain({ target, request }: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  const channel = await openPlain(target, signal);
  try {
    return await channel.ask(request, signal);
  } finally {
    channel.end();
  }
}

async function askOnce(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  const resumes = sessionFor(wanted.target) !== null;
  try {
    return await askDialled(wanted, signal);
  } catch (error) {
    // No verdict hangs on a session: the failure has ended it, and the next handshake is a full one.
    if (!resumes || signal.aborted) throw error;
    return askDialled(wanted, signal);
  }
}

function askDialled(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
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

function openFor(wanted: Exchange): Open {
  if (wanted.version === '1.1' && wanted.target.tls === null) return (signal) => openPlain(wanted.target, signal);
  // As a target of its own, which resumes no session: a kept connection saves more.
  return (signal): Promise<Lasting> =>
    openLasting({ ...targetOf(wanted) }, (connection) => channelOn(connection, wanted), signal);
}

async function openPlain(target: Target, signal: AbortSignal): Promise<PlainHttp1Channel> {
  return new PlainHttp1Channel(await connectTo(target, signal));
}

function targetOf({ target, version }: Exchange): Target {
  return version === '2' ? { ...target, alpn: 'h2' } : target;
}

function channelOn({ socket }: Connection, { version }: Exchange): Channel {
  return version === '2' ? new Http2Channel(socket) : new Http1Channel(socket);
}
