/** HTTP/1.1 in clear, on a socket of our own. */

import { failureOf, ProbeFailure } from './failure.js';
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
  /** What is asked now. */
  #asking: Asking | null = null;

  constructor(socket: TcpSocket) {
    this.#socket = socket;
    socket.onEvent = () => this.#advance();
  }

  get ready(): boolean {
    return this.#ready && !this.#socket.ended;
  }

  ask(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const reused = this.#ready;
    this.#ready = false;
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(failureOf('request', signal.reason, signal));
        return;
      }
      // What was said meanwhile, as that it waited for too long (status 408), is no answer to this request.
      if (reused && !this.#socket.isQuiet()) {
        reject(new ProbeFailure('request', 'closed by the server'));
        return;
      }
      const aborted = () => this.#fail(signal.reason);
      this.#asking = { reader: new ResponseReader(request), sent: false, signal, aborted, resolve, reject };
      signal.addEventListener('abort', aborted);
      this.#begin(request);
    });
  }

  rest(): void {
    // As after each answer.
  }

  settled(): null {
    return null;
  }

  end(): void {
    this.#socket.end();
  }

  async close(): Promise<void> {
    this.end();
  }

  #begin(request: HttpRequest): void {
    try {
      const bytes = requestBytes(request);
      this.#socket.send(bytes);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#asking !== null) this.#asking.sent = true;
    // It can have spoken before it was asked.
    this.#advance();
  }

  #advance(): void {
    const asking = this.#asking;
    if (asking === null) return;
    try {
      readInto(asking.reader, this.#socket);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (!asking.reader.done) return;
    this.#ready = asking.reader.reusable;
    const { response } = asking.reader;
    this.#settle(asking);
    asking.resolve(response);
  }

  #fail(error: unknown): void {
    const asking = this.#asking;
    if (asking === null) return;
    this.#settle(asking);
    asking.reject(failureOf(asking.sent ? asking.reader.phase : 'request', error, asking.signal));
  }

  #settle({ reader, signal, aborted }: Asking): void {
    this.#asking = null;
    reader.release();
    signal.removeEventListener('abort', aborted);
    this.#socket.rest();
  }
}

interface Asking {
  readonly reader: ResponseReader;
  sent: boolean;
  readonly signal: AbortSignal;
  readonly aborted: () => void;
  readonly resolve: (response: HttpResponse) => void;
  readonly reject: (failure: ProbeFailure) => void;
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
