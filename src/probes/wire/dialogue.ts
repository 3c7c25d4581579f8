/** A dialogue with a server over one connection: lines or bytes, each with a bound, all under one deadline. */

import type net from 'node:net';
import tls from 'node:tls';
import { concealSecrets, failureOf, type Phase, ProbeFailure } from '../failure.js';
import { type Connection, type Peer, withConnection } from '../sockets/dial.js';

/** Bytes of a line, its end included. RFC 5321 allows 512, and IMAP servers list their capabilities in 1000. */
const lineBound = 8192;
/** Bytes that a server may say in one dialogue. */
const totalBound = 1024 * 1024;

/** As `withConnection`, for a dialogue. */
export function withDialogue<T>(
  target: Peer,
  signal: AbortSignal,
  use: (dialogue: Dialogue) => Promise<T>,
): Promise<T> {
  return withConnection(target, signal, (connection) => use(new Dialogue(connection, signal)));
}

/**
 * Reads take their turn: one at a time. Each rejects with a ProbeFailure of its phase where the server closes,
 * says too much or says nothing until the signal aborts. What is read as text is one character a byte.
 */
export class Dialogue {
  readonly #connection: Connection;
  readonly #signal: AbortSignal;
  readonly #secrets: string[] = [];
  #unread: Buffer = Buffer.alloc(0);
  #total = 0;

  constructor(connection: Connection, signal: AbortSignal) {
    this.#connection = connection;
    this.#signal = signal;
  }

  /** Where the connection comes from, as the server sees it where nothing translates addresses on the way. */
  get localAddress(): string {
    return this.#connection.socket.localAddress ?? '';
  }

  /** Sends bytes as they are and text as UTF-8. Whether it arrives shows in what comes back. */
  send(bytes: string | Buffer): void {
    this.#connection.socket.write(bytes);
  }

  /**
   * Tells the server that nothing more will be said to it; what it says is still read. Not under TLS, where many servers
   * take that for the end of both directions.
   */
  finish(): void {
    this.#connection.socket.end();
  }

  /** From here on `quoted` leaves this text out of what the server says: some repeat what they get. */
  conceal(secret: string): void {
    this.#secrets.push(Buffer.from(secret).toString('latin1'));
  }

  /** What the server said, fit for a reason. */
  quoted(text: string): string {
    return concealSecrets(text, this.#secrets);
  }

  /** The next line, without its end, which is a newline with or without a carriage return. */
  async line(phase: Phase): Promise<string> {
    const bytes = await this.upTo('\n', phase, lineBound);
    return bytes.toString('latin1').replace(/\r?\n$/, '');
  }

  /** Everything up to the next occurrence of `terminator`, that included, and at most `bound` bytes. */
  async upTo(terminator: string | Buffer, phase: Phase, bound = totalBound): Promise<Buffer> {
    // Where the search goes on, so that a flood of small pieces does not make it quadratic.
    let searched = 0;
    for (;;) {
      const at = this.#unread.indexOf(terminator, searched);
      const end = at + terminator.length;
      if (at >= 0 && end <= bound) return this.#take(end);
      if (at >= 0 || this.#unread.length >= bound) {
        throw new ProbeFailure(phase, `more than ${bound} bytes without an end: ${this.#start()}`);
      }
      searched = Math.max(0, this.#unread.length - terminator.length + 1);
      await this.#more(phase);
    }
  }

  /** So many bytes. */
  async bytes(count: number, phase: Phase): Promise<Buffer> {
    if (count > totalBound) throw new ProbeFailure(phase, `${count} bytes are announced`);
    while (this.#unread.length < count) await this.#more(phase);
    return this.#take(count);
  }

  /**
   * Reads until `holds` of all that is unread, which can be at once, and returns that. Rejects where the server
   * closes, or has said `bound` bytes, before.
   */
  async until(holds: (said: Buffer) => boolean, phase: Phase, bound = totalBound): Promise<Buffer> {
    while (!holds(this.#unread)) {
      if (this.#unread.length >= bound) throw new ProbeFailure(phase, `no match in the first ${bound} bytes`);
      await this.#more(phase);
    }
    return this.#take(this.#unread.length);
  }

  /** Everything until the server ends the connection, or the first `bound` bytes, which is less than a dialogue's. */
  async rest(phase: Phase, bound: number): Promise<Buffer> {
    const { socket } = this.#connection;
    while (this.#unread.length < bound) {
      try {
        await this.#more(phase);
      } catch (error) {
        if (this.#signal.aborted || socket.errored !== null || !socket.readableEnded) throw error;
        break;
      }
    }
    return this.#take(Math.min(this.#unread.length, bound));
  }

  /** What a further connection to this server can resume the TLS session of this one with; null without TLS. */
  session(): Buffer | null {
    const { socket } = this.#connection;
    return socket instanceof tls.TLSSocket ? (socket.getSession() ?? null) : null;
  }

  /**
   * Speaks TLS from here on, after the server has agreed to. What it has said already in plain text would count
   * as said under TLS (CVE-2011-0411), so that it is refused.
   */
  async upgrade(): Promise<void> {
    if (this.#unread.length > 0 || this.#connection.socket.readableLength > 0) {
      throw new ProbeFailure('starttls', 'the server goes on in plain text');
    }
    await this.#connection.upgrade();
  }

  #take(count: number): Buffer {
    const taken = this.#unread.subarray(0, count);
    this.#unread = this.#unread.subarray(count);
    return taken;
  }

  #start(): string {
    return `"${this.quoted(this.#unread.subarray(0, 256).toString('latin1'))}"`;
  }

  async #more(phase: Phase): Promise<void> {
    const chunk = await this.#chunk(phase);
    this.#total += chunk.length;
    if (this.#total > totalBound) throw new ProbeFailure(phase, `the server says more than ${totalBound} bytes`);
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
  }

  async #chunk(phase: Phase): Promise<Buffer> {
    const { socket } = this.#connection;
    for (;;) {
      const chunk: Buffer | null = socket.read();
      if (chunk !== null) return chunk;
      if (socket.destroyed || socket.readableEnded) throw this.#explainEnd(socket, phase);
      await waitForStir(socket);
    }
  }

  #explainEnd(socket: net.Socket, phase: Phase): ProbeFailure {
    const said = this.#unread.length === 0 ? '' : ` after ${this.#start()}`;
    const closed = new ProbeFailure(phase, `closed by the server${said}`);
    return failureOf(phase, socket.errored ?? closed, this.#signal);
  }
}

/** Settles when there is something to read, or never will be; when the signal aborts, the socket closes. */
function waitForStir(socket: net.Socket): Promise<void> {
  const events = ['readable', 'end', 'close'] as const;
  return new Promise((resolve) => {
    const stir = () => {
      for (const event of events) socket.off(event, stir);
      resolve();
    };
    for (const event of events) socket.on(event, stir);
  });
}
