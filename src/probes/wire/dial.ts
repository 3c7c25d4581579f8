/** Connections to a server, TCP or TLS, each with an owner that ends it. */

import net from 'node:net';
import tls from 'node:tls';
import { failureOf, type Phase, ProbeFailure } from './failure.js';

export interface Target {
  /** A literal address: a check never waits for a name server. */
  readonly address: string;
  readonly port: number;
  /** Speak TLS; the name, where there is one, is sent as SNI. */
  readonly tls?: { readonly servername: string | null };
}

/**
 * Connects, lends the connection to `use`, and has ended it when this settles, whatever happened. When the
 * signal aborts, the connection is destroyed at once; `use` sees it close and must settle then. It can end the
 * connection itself before anything else closes it.
 * Rejects with a ProbeFailure where the connection fails, and with what `use` rejects with.
 */
export async function withConnection<T>(
  target: Target,
  signal: AbortSignal,
  use: (socket: net.Socket, end: () => void) => Promise<T>,
): Promise<T> {
  if (net.isIP(target.address) === 0) {
    throw new ProbeFailure('connect', 'no address to connect to');
  }
  if (signal.aborted) {
    throw failureOf('connect', signal.reason, signal);
  }
  const socket = net.connect({ host: target.address, port: target.port, noDelay: true });
  // The event, since the property of that name is set before the descriptor is closed.
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  let stream = socket;
  const endIt = () => end(socket, stream);
  signal.addEventListener('abort', endIt);
  // An error after `use` has settled concerns nobody, and would stop the process if it had no listener.
  socket.on('error', () => {});
  try {
    await arrival(socket, 'connect', 'connect', signal);
    if (target.tls !== undefined) {
      stream = startTls(socket, target.tls.servername);
      await arrival(stream, 'secureConnect', 'tls', signal);
    }
    return await use(stream, endIt);
  } finally {
    signal.removeEventListener('abort', endIt);
    endIt();
    await closed;
  }
}

/**
 * One context for all: a new one for each connection costs more than the handshake. Without authorities,
 * since certificates are not verified: a check asks for an answer, and private authorities are the rule
 * behind a director.
 */
const context = tls.createSecureContext({ ca: [] });

function startTls(socket: net.Socket, servername: string | null): tls.TLSSocket {
  const secure = tls.connect({
    socket,
    secureContext: context,
    rejectUnauthorized: false,
    // Empty is none: SNI takes names only (RFC 6066, section 3).
    servername: servername ?? '',
  });
  secure.on('error', () => {});
  return secure;
}

/** Waits for an event of a socket. Rejects when the socket fails or closes before, or the signal aborts. */
function arrival(
  socket: net.Socket,
  event: 'connect' | 'secureConnect',
  phase: Phase,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      socket.off(event, arrived).off('error', failed).off('close', closed);
      signal.removeEventListener('abort', aborted);
      outcome();
    };
    const arrived = () => settle(resolve);
    const failed = (error: unknown) => settle(() => reject(failureOf(phase, error, signal)));
    const closed = () => failed(new ProbeFailure(phase, 'closed by the server'));
    const aborted = () => failed(signal.reason);
    socket.on(event, arrived).on('error', failed).on('close', closed);
    signal.addEventListener('abort', aborted);
  });
}

/**
 * Ends a connection with a reset. A close would leave the director in TIME_WAIT for a minute after each
 * check, and as many entries in its connection tracking; tens of thousands of servers checked every few
 * seconds fill both. It takes nothing from the server: what it sent has been read, or is not wanted.
 */
function end(socket: net.Socket, stream: net.Socket): void {
  if (!socket.destroyed && !socket.connecting) {
    // This alone would first wait for what is still unsent.
    socket.resetAndDestroy();
  }
  // Makes the reset immediate; over TLS, ends the socket below too.
  stream.destroy();
}
