/** HTTP/1.1 on a socket of Node's, as those under TLS are. */

import type net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { errorOf, failureOf, ProbeFailure } from '../failure.js';
import type { Channel, HttpRequest, HttpResponse } from './http-message.js';
import { Http1Conversation, type Line } from './http1-conversation.js';

/** Whoever lent the socket ends it, also when the signal of a request aborts. */
export class Http1Channel implements Channel, Line {
  readonly #socket: net.Socket;
  readonly #conversation: Http1Conversation;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.#conversation = new Http1Conversation(this);
    socket.on('data', (bytes: Buffer) => {
      if (!this.#conversation.take((reader) => reader.push(bytes))) this.#conversation.ready = false;
    });
    socket.on('end', () => this.#conversation.take((reader) => reader.end()));
    socket.on('error', (error) => this.#conversation.fail(error));
    socket.on('close', () => this.#conversation.take(abandon));
  }

  get ready(): boolean {
    const { destroyed, readable, writable } = this.#socket;
    return this.#conversation.ready && !destroyed && readable && writable;
  }

  get answered(): boolean {
    return this.#conversation.answered;
  }

  async ask(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const reused = this.#conversation.ready;
    this.#conversation.answered = false;
    // What was said meanwhile, as that it waited for too long (status 408), is no answer to this request.
    if (reused) await setImmediate();
    if (reused && !this.ready) throw failureOf('request', new ProbeFailure('request', 'closed by the server'), signal);
    return new Promise((answered, failed) => this.#conversation.ask(request, signal, { answered, failed }));
  }

  send(bytes: Uint8Array): void {
    const { destroyed, errored } = this.#socket;
    // Then it tells of its end no more.
    if (destroyed) throw errored ?? new ProbeFailure('request', 'closed by the server');
    this.#socket.write(bytes);
  }

  rest(): void {
    // Nothing was awaited but by listeners.
  }

  async close(): Promise<void> {
    // Nothing but listeners stands on the connection.
  }
}

/** Whoever destroys a socket says nothing else; the server's end would have come before. */
function abandon(): never {
  throw errorOf('ECONNABORTED');
}
