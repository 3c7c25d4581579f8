/**
 * HTTP/2 on a connection (RFC 9113): with prior knowledge in clear, after ALPN over TLS. By Node's own client,
 * which the bounds of nghttp2 guard; that of undici pings on a timer of its own and cannot be told not to reconnect.
 */

import http2 from 'node:http2';
import type net from 'node:net';
import { failureOf, type Phase, ProbeFailure } from '../failure.js';
import { Body } from './body.js';
import {
  type Channel,
  type HttpRequest,
  type HttpResponse,
  headersBound,
  interimBound,
  isIn,
  locationOf,
} from './http-message.js';

export class Http2Channel implements Channel {
  readonly #session: http2.ClientHttp2Session;
  readonly #socket: net.Socket;
  #ended = false;
  answered = false;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.#session = http2.connect('http://server', {
      createConnection: () => socket,
      settings: { enablePush: false, maxHeaderListSize: headersBound },
    });
    // Concerns the request under way, which learns of it by its own events, or nobody.
    this.#session.on('error', () => {});
  }

  get ready(): boolean {
    return this.#ended && !this.#session.closed && !this.#session.destroyed && !this.#socket.destroyed;
  }

  ask(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    this.#ended = false;
    this.answered = false;
    const session = this.#session;
    return new Promise((resolve, reject) => {
      let phase: Phase = 'request';
      let interim = 0;
      const body = new Body(request);
      let head: Omit<HttpResponse, 'body' | 'broken'> = { status: 0, phrase: '', headers: () => [], location: null };
      const settle = (outcome: () => void) => {
        session.off('error', fail).off('close', closed);
        session.unref();
        outcome();
        body.release();
      };
      const finish = () =>
        settle(() => resolve({ ...head, body: body.bytes.subarray(0, request.bodyLimit), broken: null }));
      const fail = (error: unknown) => settle(() => reject(failureOf(phase, this.#socket.errored ?? error, signal)));
      const closed = () => fail(new ProbeFailure(phase, 'closed by the server'));
      if (session.closed || session.destroyed) {
        closed();
        return;
      }
      session.ref();
      session.once('error', fail).once('close', closed);
      const { method, scheme, host, path, headers } = request;
      const stream = this.#open(
        { ...headers, ':method': method, ':scheme': scheme, ':authority': host, ':path': path },
        fail,
      );
      if (stream === null) return;
      phase = 'response headers';
      stream.on('headers', ({ ':status': status }) => {
        interim += 1;
        this.answered = true;
        if (interim <= interimBound) return;
        fail(new ProbeFailure(phase, `more than ${interimBound} interim responses (status ${status})`));
      });
      stream.on('response', (fields, _flags, raw?: string[]) => {
        const status = Number(fields[':status']);
        this.answered = true;
        const location = fields.location === undefined ? null : locationOf(fields.location);
        head = { status, phrase: '', headers: () => withoutPseudo(raw ?? []), location };
        phase = 'response body';
        if (!isIn(status, request.wanted)) finish();
      });
      stream.on('data', (chunk: Buffer) => {
        try {
          body.add(chunk);
        } catch (error) {
          fail(error);
          return;
        }
        if (body.size >= request.bodyLimit) finish();
      });
      const whole = endOf(stream);
      stream.on('end', () => {
        this.#ended = whole();
      });
      stream.on('error', fail);
      stream.on('close', () => {
        if (this.#ended && stream.rstCode === http2.constants.NGHTTP2_NO_ERROR) finish();
        else closed();
      });
    });
  }

  async close(): Promise<void> {
    this.#session.destroy();
  }

  #open(headers: http2.OutgoingHttpHeaders, fail: (error: unknown) => void): http2.ClientHttp2Stream | null {
    try {
      return this.#session.request(headers, { endStream: true });
    } catch (error) {
      fail(error);
      return null;
    }
  }
}

/**
 * Tells whether the server has said that the response ends (END_STREAM; RFC 9113, section 8.1). The event of that name is
 * no proof: Node ends what it reads for a stream that was cut off too, if without an error, but closes the stream first.
 */
function endOf(stream: http2.ClientHttp2Stream): () => boolean {
  let isWhole = false;
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (chunk === null && !stream.closed) isWhole = true;
    return push(chunk, encoding);
  };
  return () => isWhole;
}

function withoutPseudo(raw: readonly string[]): string[] {
  return raw.filter((_, at) => raw[at - (at % 2)]?.startsWith(':') === false);
}
