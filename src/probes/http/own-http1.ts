/** HTTP/1.1 on a socket of our own, in clear or under TLS. */

import { failureOf, ProbeFailure } from '../failure.js';
import type { TcpSocket } from '../sockets/tcp-socket.js';
import type { TlsSocket } from '../sockets/tls-socket.js';
import type { Asker, HttpRequest, HttpResponse, Lasting } from './http-message.js';
import { Http1Conversation, type Line } from './http1-conversation.js';
import type { ResponseReader } from './http1-response.js';

/** For all of this thread: what is read is taken over at once. */
const buffer = Buffer.allocUnsafeSlow(64 * 1024);
/** Bytes that are read from one connection before others get their turn; a read counts for so many at least. */
const bytesAtOnce = 4 * buffer.length;
const leastRead = 2 * 1024;

export class OwnHttp1Channel implements Lasting, Line {
  onGone: Lasting['onGone'] = () => {};
  readonly #socket: TcpSocket | TlsSocket;
  readonly #conversation: Http1Conversation;
  /** Of what is asked now. */
  #signal: AbortSignal | null = null;
  readonly #aborted = (): void => this.#conversation.fail(this.#signal?.reason);
  readonly #read = (reader: ResponseReader): void => readInto(reader, this.#socket);

  constructor(socket: TcpSocket | TlsSocket) {
    this.#socket = socket;
    this.#conversation = new Http1Conversation(this);
    socket.onEvent = () => {
      // Who speaks without being asked, as that it closes, is not to be asked any more.
      if (!this.#conversation.take(this.#read) && socket.hasUnread) this.onGone(this);
    };
  }

  get ready(): boolean {
    return this.#conversation.ready && !this.#socket.ended;
  }

  get answered(): boolean {
    return this.#conversation.answered;
  }

  ask(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    return new Promise((answered, failed) => this.begin(request, signal, { answered, failed }));
  }

  begin(request: HttpRequest, signal: AbortSignal, asker: Asker): void {
    this.#conversation.answered = false;
    if (signal.aborted) {
      asker.failed(failureOf('request', signal.reason, signal));
      return;
    }
    // What was said meanwhile, as that it waited for too long (status 408), is no answer to this request.
    if (this.#conversation.ready && !this.#socket.isQuiet()) {
      asker.failed(new ProbeFailure('request', 'closed by the server'));
      return;
    }
    this.#signal = signal;
    signal.addEventListener('abort', this.#aborted);
    this.#conversation.ask(request, signal, asker);
    // It can have spoken before it was asked.
    this.#conversation.take(this.#read);
  }

  send(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  rest(): void {
    this.#signal?.removeEventListener('abort', this.#aborted);
    this.#signal = null;
    this.#socket.rest();
  }

  whenSettled(): null {
    return null;
  }

  end(): void {
    this.#socket.end();
  }

  async close(): Promise<void> {
    this.end();
  }
}

/** Reads what there is, within bounds. */
function readInto(reader: ResponseReader, socket: TcpSocket | TlsSocket): void {
  for (let left = bytesAtOnce; left > 0; ) {
    const count = socket.receive(buffer);
    if (count === null) return;
    if (count === 0) reader.end();
    else reader.push(buffer, count);
    if (reader.done) return;
    left -= Math.max(count, leastRead);
  }
  socket.goOn();
}
