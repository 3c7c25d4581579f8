/** TLS on sockets of our own, by OpenSSL itself: what the checks of HTTPS ask over, where no certificate is judged. */

import { failureOf, type ProbeFailure } from '../failure.js';
import { mostPulled, needsMore, type Offer, type OwnSession, TlsEngine } from './openssl.js';
import type { TcpSocket } from './tcp-socket.js';

/** For all of this thread: what is read is taken over at once. */
const buffer = new Uint8Array(64 * 1024);
/** How often one connection is read from before others get their turn: who sends nothing but records of TLS gives no end. */
const readsAtOnce = 4;

/** Who waits for TLS, and is told once, be it at once. Neither throws. */
export interface SecureCaller {
  /** Whose the socket is from now on. */
  secured(socket: TlsSocket): void;
  failed(failure: ProbeFailure): void;
}

/** As a TcpSocket, which it takes over: whoever opens one ends it. */
export class TlsSocket {
  /** As that of a TcpSocket, once the handshake is done. */
  onEvent: () => void = () => {};
  readonly #tcp: TcpSocket;
  readonly #engine: TlsEngine;
  #isOver = false;
  /** Whether OpenSSL has gone through all that has come, so that there is more once something comes. */
  #isDrained = false;
  /** Whether it has said something that nobody asked for. */
  #hasSpoken = false;

  private constructor(tcp: TcpSocket, engine: TlsEngine) {
    this.#tcp = tcp;
    this.#engine = engine;
  }

  /**
   * Speaks TLS on a socket that is connected. `servername` is empty where the server is asked for none. Where that fails,
   * then or when the signal aborts, the socket is gone.
   */
  static begin(tcp: TcpSocket, servername: string, offer: Offer, signal: AbortSignal, caller: SecureCaller): void {
    let opened: TlsSocket;
    try {
      signal.throwIfAborted();
      opened = new TlsSocket(tcp, new TlsEngine(servername, offer));
    } catch (error) {
      tcp.end();
      caller.failed(failureOf('tls', error, signal));
      return;
    }
    const handshake = new Handshake(opened, signal, caller);
    signal.addEventListener('abort', handshake);
    tcp.onEvent = () => opened.onEvent();
    opened.onEvent = () => handshake.step();
    handshake.step();
  }

  get ended(): boolean {
    return this.#isOver;
  }

  /** Whether the handshake was that of a session that was resumed. */
  get isReused(): boolean {
    return this.#engine.isReused;
  }

  /** Whether what is spoken is TLS 1.2. Before the end alone. */
  get isOlder(): boolean {
    return this.#engine.isOlder;
  }

  /** What is to be resumed, for the caller to free; null where there is nothing. Before the end alone. */
  session(): OwnSession | null {
    return this.#isOver ? null : this.#engine.session();
  }

  /** Throws an error with a code where nothing can be sent any more. */
  send(bytes: Uint8Array): void {
    this.#engine.write(bytes);
    // With what the handshake has left to say, in one packet.
    this.#flush();
  }

  /** As that of a TcpSocket. */
  receive(into: Uint8Array): number | null {
    if (this.#isOver) return null;
    for (let reads = 0; ; reads += 1) {
      if (!this.#isDrained) {
        const count = this.#engine.read(into);
        if (count !== needsMore) return count;
      }
      if (!this.#goOnAfter(reads)) return null;
    }
  }

  /** As that of a TcpSocket: what TLS has to say by itself, as a ticket, is nothing. Whatever else came is lost. */
  get hasUnread(): boolean {
    if (this.#isOver || this.#hasSpoken) return this.#hasSpoken;
    if (this.#isDrained && !this.#tcp.hasUnread) return false;
    try {
      this.#hasSpoken = this.receive(buffer) !== null;
    } catch {
      this.#hasSpoken = true;
    }
    return this.#hasSpoken;
  }

  /** As that of a TcpSocket. */
  isQuiet(): boolean {
    this.#tcp.isQuiet();
    return !this.hasUnread;
  }

  /** As that of a TcpSocket: one read of that takes many records, and one of this gives a single one. */
  goOn(): void {
    this.#tcp.goOn(!this.#isDrained);
  }

  rest(): void {
    this.#tcp.rest();
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.onEvent = () => {};
    this.#engine.free();
    this.#tcp.end();
  }

  /** Whether the handshake is done. What the client says last goes with the first request. */
  shake(): boolean {
    for (let reads = 0; ; reads += 1) {
      if (!this.#isDrained && this.#engine.shake()) return true;
      if (!this.#goOnAfter(reads)) return false;
    }
  }

  /**
   * OpenSSL wants more: it is given that after what it has to say, what found no room before included. Whether there was
   * any; after so many reads one after another the rest waits for the next look.
   */
  #goOnAfter(reads: number): boolean {
    this.#isDrained = true;
    this.#flush();
    if (reads < readsAtOnce) return this.#feed();
    this.#tcp.goOn();
    return false;
  }

  /** Takes what has come; whether there was anything. Throws a system error where the connection is broken. */
  #feed(): boolean {
    const count = this.#tcp.receive(buffer);
    if (count === null) return false;
    if (count === 0) this.#engine.end();
    else this.#engine.push(buffer, count);
    this.#isDrained = false;
    return true;
  }

  /** What finds no room goes out later, with what comes after it. */
  #flush(): void {
    while (!this.#tcp.isSending) {
      const bytes = this.#engine.pull();
      if (bytes === null) return;
      this.#tcp.send(bytes);
      // There was no more.
      if (bytes.length < mostPulled) return;
    }
  }
}

class Handshake {
  readonly #socket: TlsSocket;
  readonly #signal: AbortSignal;
  readonly #caller: SecureCaller;

  constructor(socket: TlsSocket, signal: AbortSignal, caller: SecureCaller) {
    this.#socket = socket;
    this.#signal = signal;
    this.#caller = caller;
  }

  step(): void {
    try {
      if (!this.#socket.shake()) return;
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#settle();
    this.#caller.secured(this.#socket);
  }

  /** The signal has aborted. */
  handleEvent(): void {
    this.#fail(this.#signal.reason);
  }

  #fail(error: unknown): void {
    this.#settle();
    this.#socket.end();
    this.#caller.failed(failureOf('tls', error, this.#signal));
  }

  #settle(): void {
    this.#signal.removeEventListener('abort', this);
    this.#socket.onEvent = nothing;
  }
}

function nothing(): void {
  // Until the caller has something to do with it.
}
