/** A client's connection, with one request at a time let through to Node's HTTP server. */

import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Turns } from './turns.js';

/** Whose request it is. */
export interface Client {
  /** Empty on a Unix socket. */
  readonly address: string;
  /** Aborted when the client has nothing more to say, or is gone. */
  readonly left: AbortSignal;
}

/** Bytes of a request's head. */
export const headSize = 8 * 1024;
/** Milliseconds. */
const bounds = {
  /** For a head to come whole: from the beginning of the connection, and from its first byte. */
  head: 5_000,
  /** From an answer to the first byte of the next request. */
  idle: 5_000,
  /** Without a byte either way. */
  silence: 60_000,
} as const;

const refusals = {
  late: 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n',
  long: 'HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n',
} as const;
const none = Buffer.alloc(0);
/** What the header Keep-Alive promises. */
export const idleBound = bounds.idle;
const [carriageReturn, lineFeed] = [13, 10];

/**
 * Node parses all requests that a chunk holds in one go, and has each answered at once, whoever reads the answers. Here
 * a head is let through when the request before it is answered and the answer is taken off, and in a turn of its own;
 * what a client sends ahead stays in the kernel. No request has a body: the next head begins behind a blank line.
 */
export class Turnstile extends Duplex implements Client {
  readonly address: string;
  readonly #socket: Socket;
  readonly #turns: Turns;
  readonly #leaving = new AbortController();
  #received: Buffer = none;
  #isBegun = false;
  /** Whether a request has been let through that is not answered. */
  #isInHand = false;
  #isLast = false;
  #patience: NodeJS.Timeout | null = null;

  constructor(socket: Socket, turns: Turns) {
    super();
    this.#socket = socket;
    this.#turns = turns;
    this.address = socket.remoteAddress ?? '';
    // Clients break off; `close` follows.
    this.on('error', () => {});
    socket.on('error', () => {});
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('end', () => this.#inputEnded());
    socket.on('close', () => this.destroy());
    socket.setTimeout(bounds.silence, () => this.destroy());
    this.#wait(bounds.head);
  }

  get left(): AbortSignal {
    return this.#leaving.signal;
  }

  /** The request that was let through is understood: its answer has deadlines of its own. */
  begin(): void {
    this.#wait(null);
  }

  /** It is answered, and the answer is taken off. */
  release(): void {
    this.#isInHand = false;
    this.#isBegun = this.#received.length > 0;
    this.#wait(bounds.idle);
    this.#next();
  }

  /** Ends when the request in hand is answered; at once where there is none. */
  finish(): void {
    this.#isLast = true;
    if (!this.#isInHand) this.destroy();
  }

  /** What Node's HTTP server calls behind a last answer. */
  destroySoon(): void {
    this.end(() => this.destroy());
  }

  override _read(): void {}

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#socket.cork();
    for (const [at, { chunk }] of chunks.entries())
      this.#socket.write(chunk, at === chunks.length - 1 ? done : undefined);
    this.#socket.uncork();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wait(null);
    this.#leaving.abort();
    this.#socket.destroy();
    done(error);
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    if (!this.#isBegun && !this.#isInHand) {
      this.#isBegun = true;
      this.#wait(bounds.head);
    }
    this.#next();
  }

  /** Lets the next head through where there is one and it may; reads on where that is of use. */
  #next(): void {
    if (this.destroyed) return;
    if (this.#isInHand) {
      this.#socket.pause();
      return;
    }
    if (this.#isLast) {
      this.destroy();
      return;
    }
    this.#received = this.#received.subarray(blankAtFront(this.#received));
    const length = headLength(this.#received);
    if (length === null) {
      if (this.#received.length > headSize) {
        this.#refuse('long');
        return;
      }
      this.#socket.resume();
      if (this.left.aborted) this.#pushAll();
      return;
    }
    const head = this.#received.subarray(0, length);
    // A copy: what was received can be large, and would live as long as its last bytes.
    this.#received = length === this.#received.length ? none : Buffer.from(this.#received.subarray(length));
    this.#isInHand = true;
    this.#turns.take(() => this.#let(head));
  }

  #let(head: Buffer): void {
    if (!this.destroyed) this.push(head);
  }

  /** A client that has asked and closed its side still gets its answer. */
  #inputEnded(): void {
    this.#leaving.abort();
    this.#next();
  }

  /** There is nothing more: half a head is for Node to complain of. */
  #pushAll(): void {
    if (this.#received.length > 0) this.push(this.#received);
    this.push(null);
  }

  #wait(milliseconds: number | null): void {
    if (this.#patience !== null) clearTimeout(this.#patience);
    this.#patience = milliseconds === null ? null : setTimeout(() => this.#tooLate(), milliseconds);
  }

  #tooLate(): void {
    if (this.#isBegun) this.#refuse('late');
    else this.destroy();
  }

  #refuse(why: keyof typeof refusals): void {
    this.#socket.write(refusals[why]);
    this.destroy();
  }
}

/** Bytes of line ends before a request, which are to be passed over: RFC 9112, 2.2. */
function blankAtFront(bytes: Buffer): number {
  let at = 0;
  while (bytes[at] === carriageReturn || bytes[at] === lineFeed) at += 1;
  return at;
}

/** Bytes up to the end of the first head; null where none is whole. */
function headLength(bytes: Buffer): number | null {
  const ends = ['\r\n\r\n', '\n\n', '\n\r\n'].flatMap((blank) => {
    const at = bytes.subarray(0, headSize + blank.length).indexOf(blank);
    return at < 0 ? [] : at + blank.length;
  });
  return ends.length > 0 ? Math.min(...ends) : null;
}
