/** Connections to a server, TCP or TLS, each with an owner that ends it. */

import net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import tls from 'node:tls';
import { failureOf, type Phase, ProbeFailure } from '../failure.js';
import type { Route, TlsOptions } from '../probe.js';
import { distrustOf, judgeValidity } from './certificate.js';
import { isOwnPort } from './own-ports.js';
import { isRouted } from './route.js';
import { connectTo } from './tcp-connect.js';
import { ownConnection } from './tcp-socket.js';
import { contextOf } from './tls-context.js';
import { sniOf } from './tls-name.js';
import { followSession, type SessionPlace, type Ticket } from './tls-sessions.js';

/** Where to connect to; a Check is one. */
export interface Peer {
  /** A literal address: a check never waits for a name server. */
  readonly address: string;
  readonly port: number;
  readonly route: Route;
  /** Null is plain TCP. */
  readonly tls: TlsOptions | null;
  /** Of another connection to the server with the same options, to be resumed. */
  readonly session?: Buffer | null;
  /** Where the session of the connection before is, to be resumed, and that of this one goes; without, none is kept. */
  readonly sessions?: SessionPlace | null;
  /** The protocol to agree on under TLS (ALPN, RFC 7301). */
  readonly alpn?: string;
}

export interface Connection {
  /** What to read from and write to now: TLS once that is spoken. */
  readonly socket: net.Socket;
  /**
   * Speaks TLS from here on, as after STARTTLS. The plain socket must have no listener and nothing unread.
   * Rejects with a ProbeFailure.
   */
  upgrade(): Promise<net.Socket>;
  /** Ends the connection before anything else closes it. */
  end(): void;
}

/**
 * Connects, with TLS where the target wants it from the first byte, lends the connection to `use`, and has ended
 * it when this settles, whatever happened. When the signal aborts, the connection is destroyed at once; `use`
 * sees it close and must settle then.
 * Rejects with a ProbeFailure where the connection fails, and with what `use` rejects with.
 */
export async function withConnection<T>(
  target: Peer,
  signal: AbortSignal,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  if (net.isIP(target.address) === 0) {
    throw new ProbeFailure('connect', 'no address to connect to');
  }
  if (signal.aborted) {
    throw failureOf('connect', signal.reason, signal);
  }
  const socket = isRouted(target.route)
    ? await connectRouted(target, signal)
    : net.connect({ host: target.address, port: target.port, noDelay: true });
  // The event, since the property of that name is set before the descriptor is closed.
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const line = new Line(socket, target, signal);
  const endIt = () => line.end();
  signal.addEventListener('abort', endIt);
  // An error after `use` has settled concerns nobody, and would stop the process if it had no listener.
  socket.on('error', () => {});
  let sound = false;
  try {
    if (signal.aborted) throw failureOf('connect', signal.reason, signal);
    if (socket.connecting) await arrival(socket, 'connect', 'connect', signal);
    if (isOwnPort(target.port) && socket.localPort === target.port && isOwn(socket)) {
      throw new ProbeFailure('connect', ownConnection);
    }
    if (target.tls?.mode === 'yes') {
      await line.upgrade();
    }
    const result = await use(line);
    sound = true;
    return result;
  } finally {
    line.endSession(sound);
    // What TLS calls back from must have returned: Node crashes where the socket below is reset within.
    if (line.socket !== socket) await setImmediate();
    signal.removeEventListener('abort', endIt);
    endIt();
    await closed;
  }
}

function isOwn({ localAddress, remoteAddress }: net.Socket): boolean {
  return localAddress !== undefined && localAddress === remoteAddress;
}

/** On a socket of our own, which Node takes over. */
async function connectRouted(target: Peer, signal: AbortSignal): Promise<net.Socket> {
  const connected = await connectTo(target, signal);
  if (connected.reset !== null) {
    connected.end();
    throw failureOf('connect', connected.reset, signal);
  }
  const socket = new net.Socket({ fd: connected.release() });
  socket.setNoDelay(true);
  return socket;
}

class Line implements Connection {
  readonly #plain: net.Socket;
  readonly #target: Peer;
  readonly #signal: AbortSignal;
  #stream: net.Socket;
  /** Called once, with whether all went well. */
  endSession: (sound: boolean) => void = () => {};

  constructor(socket: net.Socket, target: Peer, signal: AbortSignal) {
    this.#plain = socket;
    this.#stream = socket;
    this.#target = target;
    this.#signal = signal;
  }

  get socket(): net.Socket {
    return this.#stream;
  }

  async upgrade(): Promise<net.Socket> {
    const { tls: options, session, sessions, alpn } = this.#target;
    if (options === null) throw new TypeError('TLS without options');
    try {
      const context = await contextOf(options, this.#signal);
      // Meanwhile it can have gone, and would say so to nobody.
      if (this.#plain.destroyed) throw this.#plain.errored ?? new ProbeFailure('tls', 'closed by the server');
      const secure = startTls(this.#plain, options, {
        secureContext: context,
        session: session ?? bytesOf(sessions?.ticket),
        ...(alpn !== undefined && { ALPNProtocols: [alpn] }),
      });
      this.#stream = secure;
      if (sessions) this.endSession = followSession(sessions, secure);
      await arrival(secure, 'secureConnect', 'tls', this.#signal);
      judge(secure, options);
      if (alpn !== undefined && secure.alpnProtocol !== alpn) {
        throw new ProbeFailure('tls', `the server does not agree to ${alpn}`);
      }
      return secure;
    } catch (error) {
      throw failureOf('tls', error, this.#signal);
    }
  }

  end(): void {
    end(this.#plain, this.#stream);
  }
}

/** Certificates are judged after the handshake, so that the one that is at fault can be named. */
function startTls(socket: net.Socket, { servername }: TlsOptions, shared: tls.ConnectionOptions): tls.TLSSocket {
  const secure = tls.connect({
    ...shared,
    socket,
    rejectUnauthorized: false,
    servername: sniOf(servername),
    checkServerIdentity: (_host, certificate) =>
      servername === null ? undefined : tls.checkServerIdentity(servername, certificate),
  });
  secure.on('error', () => {});
  return secure;
}

/** A session of OpenSSL's own is none that Node can take. */
function bytesOf(ticket: Ticket | null | undefined): Buffer | undefined {
  return Buffer.isBuffer(ticket) ? ticket : undefined;
}

function judge(socket: tls.TLSSocket, { verify, servername, minDays }: TlsOptions): void {
  // Then the certificate was judged when the session began, and is not shown again.
  if (socket.isSessionReused()) return;
  if (verify && !socket.authorized) {
    throw distrustOf(String(socket.authorizationError), socket.getPeerCertificate(), servername);
  }
  // To take it apart costs a tenth of a check.
  if (minDays > 0) judgeValidity(socket.getPeerCertificate(), minDays, Date.now());
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
  // Where the server has closed first, the wait is its own. And while our side is being shut down, which TLS does for the
  // socket below it, libuv would refuse the reset (uv_tcp_close_reset), and Node would never close the socket.
  const closing = [socket, stream].some((one) => one.readableEnded || (one.writableEnded && !one.writableFinished));
  if (!socket.destroyed && !socket.connecting && !closing) {
    // This alone would first wait for what is still unsent.
    socket.resetAndDestroy();
  }
  // Makes the reset immediate; over TLS, ends the socket below too.
  stream.destroy();
}
