/** HTTP/1.1 in clear, on a socket of our own. */

import { failureOf, type Phase, ProbeFailure } from './failure.js';
import type { HttpRequest, HttpResponse, Lasting } from './http-message.js';
import { requestBytes } from './http1-request.js';
import { ResponseReader } from './http1-response.js';
import type { TcpSocket } from './tcp-socket.js';

/** For all of this thread: what is read is taken over at once. */
const buffer = Buffer.allocUnsafeSlow(64 * 1024);
/** How often one connection is read from before others get their turn. */
const readsAtOnce = 4;

export class PlainHttp1Channel implements Lasting {
  /** Never called: nobody looks at a connection that rests. */
  onGone = (): void => {};
  readonly #socket: TcpSocket;
  #ready = false;

  constructor(socket: TcpSocket) {
    this.#socket = socket;
  }

  get ready(): boolean {
    return this.#ready && !this.#socket.ended;
  }

  ask(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const socket = this.#socket;
    const reader = new ResponseReader(request);
    let phase: Phase = 'request';
    const reused = this.#ready;
    this.#ready = false;
    return new Promise((resolve, reject) => {
      const settle = () => {
        signal.removeEventListener('abort', aborted);
        socket.onEvent = () => {};
        socket.rest();
      };
      const fail = (error: unknown) => {
        settle();
        reject(failureOf(phase, error, signal));
      };
      const aborted = () => {
        if (phase !== 'request') phase = reader.phase;
        fail(signal.reason);
      };
      const advance = () => {
        try {
          readInto(reader, socket);
        } catch (error) {
          phase = reader.phase;
          fail(error);
          return;
        }
        if (!reader.done) return;
        this.#ready = reader.reusable;
        settle();
        resolve(reader.response);
      };
      if (signal.aborted) {
        reject(failureOf(phase, signal.reason, signal));
        return;
      }
      signal.addEventListener('abort', aborted);
      try {
        const bytes = requestBytes(request);
        // What was said meanwhile, as that it waited for too long (status 408), is no answer to this request.
        if (reused && !socket.isQuiet()) throw new ProbeFailure(phase, 'closed by the server');
        socket.onEvent = advance;
        socket.send(bytes);
        phase = 'response headers';
      } catch (error) {
        fail(error);
        return;
      }
      // It can have spoken before it was asked.
      advance();
    });
  }

  rest(): void {
    // As after each answer.
  }

  async settled(): Promise<void> {
    // With the answer.
  }

  end(): void {
    this.#socket.end();
  }

  async close(): Promise<void> {
    this.end();
  }
}

/** Reads what there is, within bounds. */
function readInto(reader: ResponseReader, socket: TcpSocket): void {
  for (let reads = 0; reads < readsAtOnce; reads += 1) {
    const count = socket.receive(buffer);
    if (count === null) return;
    if (count === 0) reader.end();
    else reader.push(buffer.subarray(0, count));
    if (reader.done) return;
  }
  socket.goOn();
}
