/** HTTP/1.1 on a connection: undici, which never connects by itself. */

import type { IncomingHttpHeaders } from 'node:http';
import type net from 'node:net';
import { Client, type Dispatcher, errors } from 'undici';
import { Body } from './body.js';
import { failureOf, type Phase, ProbeFailure } from './failure.js';
import { type Channel, type HttpRequest, type HttpResponse, headersBound, interimBound, isIn } from './http-message.js';

/** Milliseconds: who keeps a connection decides for how long, and undici is not to be earlier. */
const idleBound = 2 ** 31 - 1;

export class Http1Channel implements Channel {
  readonly #socket: net.Socket;
  readonly #client: Client;
  #connected = false;
  #ended = false;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.#client = new Client('http://server', {
      connect: (_options, callback) => {
        // undici ignores an answer that comes before its call for one has returned.
        queueMicrotask(() => {
          if (this.#connected) {
            callback(new ProbeFailure('request', 'closed by the server'), null);
            return;
          }
          this.#connected = true;
          callback(null, socket);
        });
      },
      maxHeaderSize: headersBound,
      // The signal is the only clock.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: idleBound,
      keepAliveMaxTimeout: idleBound,
    });
  }

  get ready(): boolean {
    return this.#ended && !this.#socket.destroyed && this.#socket.readable && this.#socket.writable;
  }

  ask(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const socket = this.#socket;
    this.#ended = false;
    return new Promise((resolve, reject) => {
      let phase: Phase = 'request';
      let interim = 0;
      const body = new Body(request);
      let head: Omit<HttpResponse, 'body'> = { status: 0, phrase: '', headers: () => [], location: null };

      const finish = () => {
        socket.off('error', fail);
        resolve({ ...head, body: body.bytes.subarray(0, request.bodyLimit) });
        body.release();
      };
      const fail = (error: Error) => {
        socket.off('error', fail);
        body.release();
        reject(explained(phase, error, socket, signal));
      };
      // The socket's own error comes first: it has the system's code, and where no length was announced
      // undici would take a reset for the end of the body.
      socket.prependListener('error', fail);

      const handler: Dispatcher.DispatchHandler = {
        onRequestStart() {
          phase = 'response headers';
        },
        onResponseStart(controller, status, headers, phrase = '') {
          if (status < 200) {
            interim += 1;
            if (interim > interimBound) {
              fail(new ProbeFailure(phase, `more than ${interimBound} interim responses (status ${status})`));
            }
            return;
          }
          const raw = controller.rawHeaders;
          head = {
            status,
            phrase,
            headers: () => (Array.isArray(raw) ? raw : []),
            location: firstOf(headers, 'location'),
          };
          phase = 'response body';
          if (!isIn(status, request.wanted)) finish();
        },
        onResponseData(_controller, chunk) {
          try {
            body.add(chunk);
          } catch (error) {
            fail(error as Error);
            return;
          }
          if (body.size >= request.bodyLimit) finish();
        },
        onResponseEnd: () => {
          this.#ended = true;
          finish();
        },
        onResponseError(_controller, error) {
          fail(error);
        },
      };
      this.#client.dispatch(
        {
          path: request.path,
          method: request.method,
          // Without `Connection: close`: a server that closes late would leave the close, and so TIME_WAIT, to us.
          headers: { host: request.host, ...request.headers },
        },
        handler,
      );
    });
  }

  close(): Promise<void> {
    return this.#client.destroy();
  }
}

function firstOf(headers: IncomingHttpHeaders, name: string): string | null {
  return [headers[name] ?? null].flat()[0] ?? null;
}

/** A failure by an error of the socket, of undici, or of this file. */
function explained(phase: Phase, error: Error, socket: net.Socket, signal: AbortSignal): ProbeFailure {
  if (!signal.aborted && error instanceof errors.SocketError) {
    // One error for a server that closes and for one that says what no request asked for, as status 100.
    const cause = socket.readableEnded ? 'closed by the server' : 'an interim response that was not asked for';
    return new ProbeFailure(phase, cause);
  }
  return failureOf(phase, error, signal);
}
