/** What is asked and answered on one HTTP/1.1 connection, one after another, whatever kind of socket that is. */

import { failureOf, isReset, type ProbeFailure } from '../failure.js';
import type { HttpRequest, HttpResponse } from './http-message.js';
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
  /** What is asked now. */
  #asking: Asking | null = null;

  constructor(line: Line) {
    this.#line = line;
  }

  /** Rejects with a ProbeFailure; when the signal aborts, somebody has to call `fail`. */
  ask(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    this.ready = false;
    return new Promise((resolve, reject) => {
      const asking = { reader: new ResponseReader(request), sent: false, signal, resolve, reject };
      this.#asking = asking;
      try {
        this.#line.send(requestBytes(request));
        asking.sent = true;
      } catch (error) {
        this.fail(error);
      }
    });
  }

  /** Has the reader of the answer take what has come. False where nobody has asked for anything. */
  take(read: (reader: ResponseReader) => void): boolean {
    const asking = this.#asking;
    if (asking === null) return false;
    const { reader } = asking;
    try {
      read(reader);
      if (reader.done) this.#resolve(asking);
    } catch (error) {
      this.fail(error);
    }
    return true;
  }

  /** The connection is broken, or the time is over. */
  fail(error: unknown): void {
    const asking = this.#asking;
    if (asking === null) return;
    const { reader, sent, signal, reject } = asking;
    const failure = failureOf(sent ? reader.phase : 'request', error, signal);
    if (!signal.aborted && isReset(error) && reader.cut(failure)) {
      this.#resolve(asking);
    } else {
      this.#settle(reader);
      reject(failure);
    }
  }

  #resolve({ reader, resolve }: Asking): void {
    this.ready = reader.reusable;
    const { response } = reader;
    this.#settle(reader);
    resolve(response);
  }

  #settle(reader: ResponseReader): void {
    this.#asking = null;
    this.answered = reader.begun;
    reader.release();
    this.#line.rest();
  }
}

interface Asking {
  readonly reader: ResponseReader;
  sent: boolean;
  readonly signal: AbortSignal;
  readonly resolve: (response: HttpResponse) => void;
  readonly reject: (failure: ProbeFailure) => void;
}
