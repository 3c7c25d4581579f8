/**
 * The bytes of an HTTP/1.1 response (RFC 9112), as they come, to a response. Holds no socket and no clock. Strict
 * where a mistake would make the end of the message a guess, and lenient where the RFC lets a client be.
 */

import { Body } from './body.js';
import { type Phase, ProbeFailure, printable } from './failure.js';
import { type HttpRequest, type HttpResponse, headersBound, interimBound, isIn } from './http-message.js';
import {
  type Control,
  controlOf,
  fieldLine,
  headersOf,
  isPersistent,
  lengthOf,
  membersOf,
  parseHead,
  requireHttp,
} from './http1-head.js';

/** Bytes of the line before a chunk, its extensions included. */
const chunkLineBound = 4096;

const unread: Omit<HttpResponse, 'body'> = { status: 0, phrase: '', headers: () => [], location: null };

/** The end of a line and an empty one, whose ends need no CR (RFC 9112, section 2.2). */
const emptyLine = /\n\r?\n/g;

/** 13 digits are an exact number still. */
const chunkLine = /^0*([\da-f]{1,13})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/i;

type State = 'head' | 'sized' | 'until close' | 'chunk size' | 'chunk' | 'chunk end' | 'trailers' | 'done';

type Asked = Pick<HttpRequest, 'method' | 'wanted' | 'bodyLimit' | 'keepsBody'>;

/** What one request on a connection is answered. Whoever makes one releases it. */
export class ResponseReader {
  readonly #request: Asked;
  #state: State = 'head';
  /** What has come of a head or line, one character a byte. */
  #text = '';
  #head: Omit<HttpResponse, 'body'> = unread;
  #interim = 0;
  readonly #body: Body;
  /** Bytes of the body or of the chunk that are still to come. */
  #left = 0;
  #trailers = 0;
  #persistent = false;
  #exact = false;

  constructor(request: Asked) {
    this.#request = request;
    this.#body = new Body(request);
  }

  get phase(): Phase {
    return this.#state === 'head' ? 'response headers' : 'response body';
  }

  /** Whether all that is wanted has come. */
  get done(): boolean {
    return this.#state === 'done';
  }

  /** Whether another response can follow on the connection: this one has ended where its length says so. */
  get reusable(): boolean {
    return this.#exact && this.#persistent;
  }

  get response(): HttpResponse {
    const { status, phrase, headers, location } = this.#head;
    return { status, phrase, headers, location, body: this.#body.bytes };
  }

  /** Nothing more is read. */
  release(): void {
    this.#body.release();
  }

  /** Takes what has come; its memory can be used anew afterwards. Throws a ProbeFailure. */
  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && this.#state !== 'done') at = this.#step(bytes, at);
    // Nothing was asked that this could answer.
    if (at < bytes.length) this.#exact = false;
  }

  /** The connection has been closed. Throws a ProbeFailure where something is missing. */
  end(): void {
    if (this.#state === 'until close') {
      this.#finish(false);
    } else if (this.#state === 'sized') {
      throw this.#failure(`closed by the server, ${this.#left} bytes short of its Content-Length`);
    } else if (this.#state !== 'done') {
      throw this.#failure('closed by the server');
    }
  }

  /** Where the next step begins. */
  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes, at);
      case 'sized':
      case 'chunk':
      case 'until close':
        return this.#readBody(bytes, at);
      default:
        return this.#readLine(bytes, at);
    }
  }

  #readHead(bytes: Buffer, at: number): number {
    const before = this.#text.length;
    this.#text += bytes.toString('latin1', at, Math.min(bytes.length, at + headersBound - before));
    requireHttp(this.#text);
    // It can have begun in what came before.
    emptyLine.lastIndex = Math.max(0, before - 2);
    if (!emptyLine.test(this.#text)) {
      if (this.#text.length >= headersBound) throw this.#failure(`too large: more than ${headersBound} bytes`);
      return bytes.length;
    }
    const end = emptyLine.lastIndex;
    const head = this.#text.slice(0, end);
    this.#text = '';
    this.#takeHead(head);
    return at + end - before;
  }

  #takeHead(text: string): void {
    const { status, phrase, minor, fields } = parseHead(text);
    if (status < 200) {
      this.#interim += 1;
      // What goes on in another protocol was not asked for (RFC 9110, section 7.8).
      if (status === 101) throw this.#failure('an interim response that was not asked for (status 101)');
      if (this.#interim > interimBound) {
        throw this.#failure(`more than ${interimBound} interim responses (status ${status})`);
      }
      return;
    }
    const control = controlOf(fields);
    this.#head = { status, phrase, headers: () => headersOf(fields), location: control.location };
    this.#persistent = isPersistent(control.connection, minor);
    this.#frame(control, minor);
  }

  /** Where the body ends: RFC 9112, section 6.3. */
  #frame(control: Control, minor: number): void {
    const { status } = this.#head;
    if (this.#request.method === 'HEAD' || status === 204 || status === 304) {
      this.#finish(true);
      return;
    }
    const length = lengthOf(control.length);
    if (control.codings !== null) {
      if (length !== null) throw this.#failure('not HTTP: both Content-Length and Transfer-Encoding');
      if (minor === 0) throw this.#failure('not HTTP: Transfer-Encoding in HTTP/1.0');
      const codings = membersOf(control.codings).filter((coding) => coding !== '');
      const first = codings.indexOf('chunked');
      if (first >= 0 && first < codings.length - 1) throw this.#failure('not HTTP: chunked is not the last coding');
      this.#state = first < 0 ? 'until close' : 'chunk size';
    } else {
      this.#left = length ?? 0;
      this.#state = length === null ? 'until close' : 'sized';
    }
    if (length === 0) this.#finish(true);
    else if (!isIn(status, this.#request.wanted)) this.#finish(false);
  }

  #readBody(bytes: Buffer, at: number): number {
    const { bodyLimit } = this.#request;
    const sized = this.#state !== 'until close';
    const length = Math.min(
      bytes.length - at,
      bodyLimit - this.#body.size,
      sized ? this.#left : Number.POSITIVE_INFINITY,
    );
    this.#body.add(bytes, at, length);
    if (sized) this.#left -= length;
    if (sized && this.#left === 0 && this.#state === 'sized') this.#finish(true);
    else if (this.#body.size === bodyLimit) this.#finish(false);
    else if (sized && this.#left === 0) this.#state = 'chunk end';
    return at + length;
  }

  /** Lines between chunks, which end with CR and LF: section 7.1. */
  #readLine(bytes: Buffer, at: number): number {
    const room = chunkLineBound - this.#text.length;
    const feed = bytes.subarray(at, at + room).indexOf('\n');
    const end = feed < 0 ? Math.min(bytes.length, at + room) : at + feed + 1;
    this.#text += bytes.toString('latin1', at, end);
    if (feed >= 0) {
      const line = this.#text;
      this.#text = '';
      if (!line.endsWith('\r\n')) throw this.#failure('not HTTP: a line between chunks does not end with CR and LF');
      this.#takeLine(line.slice(0, -2));
    } else if (this.#text.length >= chunkLineBound) {
      throw this.#failure(`too large: a line between chunks of more than ${chunkLineBound} bytes`);
    }
    return end;
  }

  #takeLine(line: string): void {
    if (this.#state === 'chunk end') {
      if (line !== '') throw this.#failure('not HTTP: a chunk is longer than its size');
      this.#state = 'chunk size';
    } else if (this.#state === 'chunk size') {
      const [, size] = chunkLine.exec(line) ?? [];
      if (size === undefined) throw this.#failure(`not HTTP: "${printable(line)}" is no size of a chunk`);
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? 'trailers' : 'chunk';
    } else if (line === '') {
      this.#finish(true);
    } else {
      this.#trailers += line.length;
      if (this.#trailers > headersBound) throw this.#failure(`too large: trailers of more than ${headersBound} bytes`);
      if (!fieldLine.test(line)) throw this.#failure(`not HTTP: "${printable(line)}" is no trailer`);
    }
  }

  #finish(exact: boolean): void {
    this.#exact = exact;
    this.#state = 'done';
  }

  #failure(what: string): ProbeFailure {
    return new ProbeFailure(this.phase, what);
  }
}
