/** One client of the control socket: reads its requests, one after another, and writes their answers. */

import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { peerOf } from '../system/peer.js';
import { answerLine, ControlError, errorCodes, parseRequest, type Request, type RequestId } from './protocol.js';

/**
 * Carries a request out: each value becomes an answer. The signal says that the client has nothing more to say or is
 * gone; only a handler that would go on for ever needs to end then. The peer is the number of the user who asks, null
 * where the kernel does not say.
 */
export type Handler = (request: Request, signal: AbortSignal, peer: number | null) => AsyncIterable<unknown>;

export interface ConnectionBounds {
  /** Bytes of a request, and of all that wait while one is carried out. */
  readonly request: number;
  /** Milliseconds for the first request, or one that has begun, to be complete. */
  readonly complete: number;
  /** Milliseconds without a request after the first. */
  readonly idle: number;
  /** Milliseconds for the client to read what was written. */
  readonly read: number;
}

/** A request to plan has a whole file in it. */
export const longestRequest = 4 * 1024 * 1024;
export const defaultBounds: ConnectionBounds = {
  request: longestRequest,
  complete: 5_000,
  idle: 120_000,
  read: 10_000,
};

/** Milliseconds for a client to take the last word. */
const lastWord = 500;
const newline = 10;
/** Characters that are written at once, and in one turn: a fast reader must not hold up everything else. */
const portion = 64 * 1024;

export class ControlConnection {
  readonly #socket: Socket;
  readonly #handle: Handler;
  readonly #bounds: ConnectionBounds;
  /** Who connected, which never changes. */
  readonly #peer: number | null;
  /** Aborted when the client has ended its side. */
  readonly #over = new AbortController();
  /** As it came: to join it each time would take the longer the more there is. */
  #received: Buffer[] = [];
  #length = 0;
  /** Of the request that is carried out. */
  #current: { readonly id: RequestId } | null = null;
  /** Answers that come in one turn go together. */
  #gathered = '';
  #flushing: NodeJS.Immediate | null = null;
  #served = false;
  #ending = false;
  #patience: NodeJS.Timeout | null = null;

  constructor(socket: Socket, handle: Handler, bounds: ConnectionBounds = defaultBounds) {
    this.#socket = socket;
    this.#handle = handle;
    this.#bounds = bounds;
    this.#peer = peerOf(socket);
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('end', () => this.#inputEnded());
    // A client may go away at any time; `close` follows.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#ending = true;
      this.#over.abort();
      this.#wait(null);
    });
    this.#wait(bounds.complete);
  }

  /** Whether nothing is being carried out for the client. */
  get isIdle(): boolean {
    return this.#current === null;
  }

  /** Ends the connection when what is being carried out has been answered; what would go on for ever ends now. */
  finish(): void {
    this.#inputEnded();
  }

  /** Ends the connection with a word about why; whoever does not take it is cut off soon. */
  end(why: ControlError): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#wait(null);
    this.#over.abort();
    this.#socket.pause();
    this.#flush();
    this.#socket.end(answerLine(this.#current?.id ?? null, { last: true, error: describeError(why) }));
    const cutOff = setTimeout(() => this.#socket.destroy(), lastWord);
    this.#socket.once('close', () => clearTimeout(cutOff));
  }

  #take(chunk: Buffer): void {
    if (this.#ending) return;
    const begins = this.#length === 0;
    this.#received.push(chunk);
    this.#length += chunk.length;
    if (this.#current === null && chunk.includes(newline)) this.#next();
    if (this.#current === null && begins && this.#length > 0) this.#wait(this.#bounds.complete);
    if (this.#length > this.#bounds.request) {
      this.end(new ControlError('too-long', `a request has at most ${this.#bounds.request} bytes`));
    }
  }

  /** Begins with the next request where one is complete. */
  #next(): void {
    const received = Buffer.concat(this.#received);
    const end = received.indexOf(newline);
    if (end < 0 || end > this.#bounds.request) {
      if (this.#over.signal.aborted) this.#inputEnded();
      return;
    }
    const line = received.toString('utf8', 0, end);
    // A copy: what was received can be large, and would live as long as its last bytes.
    this.#received = end + 1 < received.length ? [Buffer.from(received.subarray(end + 1))] : [];
    this.#length = received.length - end - 1;
    this.#wait(null);
    void this.#carryOut(line);
  }

  async #carryOut(line: string): Promise<void> {
    this.#current = { id: null };
    try {
      const request = parseRequest(line);
      this.#current = { id: request.id };
      for await (const data of this.#handle(request, this.#over.signal, this.#peer)) {
        if (this.#ending) return;
        await this.#write(answerLine(request.id, { data }));
      }
      await this.#write(answerLine(request.id, { last: true }));
    } catch (error) {
      await this.#write(answerLine(this.#current.id, { last: true, error: describeError(error) }));
    }
    this.#current = null;
    this.#served = true;
    if (this.#ending) return;
    this.#wait(this.#length > 0 ? this.#bounds.complete : this.#bounds.idle);
    this.#next();
  }

  /** Settles when the client has taken enough of what was written; one that does not is let go. */
  async #write(line: string): Promise<void> {
    if (this.#ending) return;
    this.#gathered += line;
    this.#flushing ??= setImmediate(() => this.#flush());
    if (this.#gathered.length >= portion) {
      this.#flush();
      await nextTurn();
    }
    if (this.#ending || !this.#socket.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => {
        this.end(new ControlError('too-slow', `nothing was read for ${this.#bounds.read / 1000} s`));
      }, this.#bounds.read);
      const settle = (): void => {
        clearTimeout(late);
        this.#socket.off('drain', settle).off('close', settle);
        resolve();
      };
      this.#socket.on('drain', settle).on('close', settle);
    });
  }

  #flush(): void {
    if (this.#flushing) clearImmediate(this.#flushing);
    this.#flushing = null;
    const text = this.#gathered;
    this.#gathered = '';
    if (text !== '' && this.#socket.writable) this.#socket.write(text);
  }

  /** A client that has asked and closed its side still gets its answers. */
  #inputEnded(): void {
    this.#over.abort();
    if (this.#current !== null) return;
    this.#flush();
    this.#socket.end();
  }

  #wait(milliseconds: number | null): void {
    if (this.#patience) clearTimeout(this.#patience);
    this.#patience = milliseconds === null ? null : setTimeout(() => this.#tooLate(), milliseconds);
  }

  #tooLate(): void {
    const begun = !this.#served || this.#length > 0;
    const seconds = (begun ? this.#bounds.complete : this.#bounds.idle) / 1000;
    this.end(new ControlError('too-late', `no complete request within ${seconds} s`));
  }
}

/** What may be told of an error: a fault of our own comes as its message, without a stack. */
function describeError(error: unknown): { code: string; message: string } {
  const { message, code } = error as { message: string; code?: string };
  return { code: code !== undefined && Object.hasOwn(errorCodes, code) ? code : 'failed', message };
}
