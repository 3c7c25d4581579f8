/** What is asked and answered on one HTTP/1.1 connection, one after another, whatever kind of socket that is. */

import { failureOf, isReset } from '../failure.js';
import type { Asker, HttpRequest } from './http-message.js';
import { requestBytes } from './http1-request.js';
import { ResponseReader } from './http1-response.js';

/** What carries it: an object, since a function of its own for each check would show in the time of one. */
export interface Line {
  /** Throws where nothing can be sent any more. */
  send(bytes: Uint8Array): void;
  /** Called whenever a request is over. */
  rest(): void;
}

export class Http1Conversation {
  /** Whether the last response was read to its end, so that another request can follow. */
  ready = false;
  /** Whether anything has come in answer to the last request. */
  answered = false;
  readonly #line: Line;
  /** Of what is asked now; null where that is nothing. */
  #reader: ResponseReader | null = null;
  #asker: Asker | null = null;
  #signal: AbortSignal | null = null;
  #sent = false;

  constructor(line: Line) {
    this.#line = line;
  }

  /** When the signal aborts, somebody has to call `fail`. */
  ask(request: HttpRequest, signal: AbortSignal, asker: Asker): void {
    this.ready = false;
    this.#reader = new ResponseReader(request);
    this.#asker = asker;
    this.#signal = signal;
    this.#sent = false;
    try {
      this.#line.send(requestBytes(request));
      this.#sent = true;
    } catch (error) {
      this.fail(error);
    }
  }

  /** Has the reader of the answer take what has come. False where nobody has asked for anything. */
  take(read: (reader: ResponseReader) => void): boolean {
    const reader = this.#reader;
    if (reader === null) return false;
    try {
      read(reader);
    } catch (error) {
      this.fail(error);
      return true;
    }
    if (reader.done) this.#resolve(reader);
    return true;
  }

  /** The connection is broken, or the time is over. */
  fail(error: unknown): void {
    const [reader, asker, signal] = [this.#reader, this.#asker, this.#signal];
    if (reader === null || asker === null || signal === null) return;
    const failure = failureOf(this.#sent ? reader.phase : 'request', error, signal);
    if (!signal.aborted && isReset(error) && reader.cut(failure)) {
      this.#resolve(reader);
    } else {
      this.#settle(reader);
      asker.failed(failure);
    }
  }

  #resolve(reader: ResponseReader): void {
    const asker = this.#asker;
    this.ready = reader.reusable;
    const { response } = reader;
    this.#settle(reader);
    asker?.answered(response);
  }

  #settle(reader: ResponseReader): void {
    this.#reader = null;
    this.#asker = null;
    this.#signal = null;
    this.answered = reader.begun;
    reader.release();
    this.#line.rest();
  }
}
