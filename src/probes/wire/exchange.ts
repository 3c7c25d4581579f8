/** One HTTP request and its response over a connection of its own. */

import type { IncomingHttpHeaders } from 'node:http';
import type net from 'node:net';
import { Client, type Dispatcher, errors } from 'undici';
import { type Target, withConnection } from './dial.js';
import { failureOf, type Phase, ProbeFailure } from './failure.js';

export interface HttpRequest {
  readonly target: Target;
  readonly method: 'GET' | 'HEAD';
  /** The Host header. */
  readonly host: string;
  /** Escaped; an absolute address where the target is a proxy. */
  readonly path: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly location: string | null;
  /** Up to `bodyBound` bytes, without decompression; empty unless the status is 2xx. */
  readonly body: Buffer;
}

/** Bytes of a body that are read. What comes after does not count. */
export const bodyBound = 1024 * 1024;
/** Bytes of names and values of headers. */
const headersBound = 16 * 1024;
/** Responses with status 1xx before the one that counts. */
const interimBound = 8;

/**
 * Rejects with a ProbeFailure that names the phase. By the time it settles the connection is gone.
 * A body that is longer than the bound ends there and is no failure.
 */
export function exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  return withConnection(request.target, signal, async (connection) => {
    const { socket } = connection;
    const client = new Client('http://server', {
      // undici ignores an answer that comes before its call for one has returned.
      connect: (_options, callback) => queueMicrotask(() => callback(null, socket)),
      maxHeaderSize: headersBound,
      // The signal is the only clock.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    try {
      return await respond(client, socket, request, signal);
    } finally {
      // First, since undici would close and not reset. Not from its callbacks: it cannot bear that over TLS.
      connection.end();
      await client.destroy();
    }
  });
}

function respond(client: Client, socket: net.Socket, request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    let phase: Phase = 'request';
    let interim = 0;
    let status = 0;
    let location: string | null = null;
    let size = 0;
    const chunks: Buffer[] = [];

    const finish = () => resolve({ status, location, body: Buffer.concat(chunks).subarray(0, bodyBound) });
    const fail = (error: Error) => reject(explained(phase, error, socket, signal));
    // The socket's own error comes first: it has the system's code, and where no length was announced
    // undici would take a reset for the end of the body.
    socket.prependListener('error', fail);

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart() {
        phase = 'response headers';
      },
      onResponseStart(_controller, code, headers) {
        if (code < 200) {
          interim += 1;
          if (interim > interimBound) {
            fail(new ProbeFailure(phase, `more than ${interimBound} interim responses (status ${code})`));
          }
          return;
        }
        status = code;
        location = firstOf(headers, 'location');
        phase = 'response body';
        if (!isSuccess(code)) {
          finish();
        }
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk);
        size += chunk.length;
        if (size >= bodyBound) {
          finish();
        }
      },
      onResponseEnd: finish,
      onResponseError(_controller, error) {
        fail(error);
      },
    };
    client.dispatch(
      {
        path: request.path,
        method: request.method,
        // Without `Connection: close`: a server that closes late would leave the close, and so TIME_WAIT, to us.
        headers: { host: request.host, 'user-agent': 'ldirectord', accept: '*/*', 'accept-encoding': 'identity' },
      },
      handler,
    );
  });
}

/** Whether a status is 2xx. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
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
