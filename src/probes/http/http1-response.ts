/**
 * The bytes of an HTTP/1.1 response (RFC 9112), as they come, to a response. Holds no socket and no clock. Strict
 * where a mistake would make the end of the message a guess, and otherwise as lenient as the clients that people use.
 */

import { type Phase, ProbeFailure, printable } from '../failure.js';
import { Body } from './body.js';
import { type HttpRequest, type HttpResponse, headersBound, interimBound, isIn } from './http-message.js';
import {
  beginningLength,
  type Control,
  codingsOf,
  controlOf,
  headersOf,
  isPersistent,
  lengthOf,
  parseHead,
  requireHttp,
} from './http1-head.js';
import { type PlainHead, readPlainHead } from './http1-plain-head.js';

/** Bytes of the line before a chunk, its extensions included. */
const chunkLineBound = 4096;
/** Bytes of empty lines before a head: more than one or two is no mistake of a server's. */
const emptyBound = 8;

const unread: Omit<HttpResponse, 'body' | 'broken'> = { status: 0, phrase: '', headers: () => [], location: null };

/** The one that was read last. */
const plain: PlainHead = { status: 0, minor: 0, length: -1, isChunked: false, isPersistent: false };
/** By status, for all that want no more of it. */
const plainHeads: (Omit<HttpResponse, 'body' | 'broken'> | undefined)[] = [];

/** The end of a line and an empty one, whose ends need no CR (RFC 9112, section 2.2). */
const emptyLine = /\n\r?\n/g;

/** 13 digits are an exact number still. What extends it concerns nobody. */
const chunkLine = /^0*([\da-f]{1,13})[\t ]*(?:;.*)?$/i;

type State = 'head' | 'sized' | 'until close' | 'chunk size' | 'chunk' | 'chunk end' | 'trailers' | 'done';

type Asked = Pick<HttpRequest, 'method' | 'wanted' | 'bodyLimit' | 'keepsHead' | 'keepsBody'>;

/** What one request on a connection is answered. Whoever makes one releases it. */
export class ResponseReader {
  readonly #request: Asked;
  #state: State = 'head';
  /** Whether anything has come. */
  #begun = false;
  /** What has come of a head or line, one character a byte. */
  #text = '';
  /** The last bytes of that, with which an empty line can begin. */
  #last = '';
  #empty = 0;
  #head: Omit<HttpResponse, 'body' | 'broken'> = unread;
  #broken: ProbeFailure | null = null;
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

  get begun(): boolean {
    return this.#begun;
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
    return { status, phrase, headers, location, body: this.#body.bytes, broken: this.#broken };
  }

  /** Nothing more is read. */
  release(): void {
    this.#body.release();
  }

  /** Takes what has come, up to `end`; its memory can be used anew afterwards. Throws a ProbeFailure. */
  push(bytes: Buffer, end = bytes.length): void {
    let at = 0;
    this.#begun = true;
    while (at < end && this.#state !== 'done') at = this.#step(bytes, at, end);
    // Nothing was asked that this could answer.
    if (at < end) this.#exact = false;
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

  /**
   * The connection is reset. Many a small server does that once it has answered, without having read the request: where
   * the end of the connection is that of the body, what has come is the response. False where something is missing.
   */
  cut(failure: ProbeFailure): boolean {
    if (this.#state !== 'until close') return false;
    this.#broken = failure;
    this.#finish(false);
    return true;
  }

  /** Where the next step begins. */
  #step(bytes: Buffer, at: number, end: number): number {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes, at, end);
      case 'sized':
      case 'chunk':
      case 'until close':
        return this.#readBody(bytes, at, end);
      default:
        return this.#readLine(bytes, at, end);
    }
  }

  #readHead(bytes: Buffer, at: number, end: number): number {
    const before = this.#text.length;
    if (before === 0 && isLineEnd(bytes[at])) return this.#passEmpty(at);
    if (before === 0 && !this.#request.keepsHead) {
      const after = readPlainHead(bytes, at, Math.min(end, at + headersBound), plain);
      if (after >= 0) {
        this.#takePlain(plain);
        return after;
      }
    }
    const come = bytes.toString('latin1', at, Math.min(end, at + headersBound - before));
    this.#text += come;
    if (before < beginningLength) requireHttp(this.#text);
    // Not in all that has come: where that comes byte by byte, to look through it each time would take very long.
    const last = this.#last;
    emptyLine.lastIndex = 0;
    if (!emptyLine.test(last + come)) {
      if (this.#text.length >= headersBound) throw this.#failure(`too large: more than ${headersBound} bytes`);
      this.#last = (last + come).slice(-2);
      return end;
    }
    const length = before - last.length + emptyLine.lastIndex;
    const head = this.#text.slice(0, length);
    this.#text = '';
    this.#last = '';
    this.#takeHead(head);
    return at + length - before;
  }

  /** An empty line too many, as behind the body before. */
  #passEmpty(at: number): number {
    this.#empty += 1;
    if (this.#empty > emptyBound) throw this.#failure('not HTTP: it begins with empty lines');
    return at + 1;
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

  #takePlain({ status, minor, length, isChunked, isPersistent }: PlainHead): void {
    plainHeads[status] ??= { ...unread, status };
    this.#head = plainHeads[status];
    this.#persistent = isPersistent;
    // As below.
    if (this.#request.method === 'HEAD' || status === 204 || status === 304) {
      this.#finish(true);
    } else if (!isIn(status, this.#request.wanted)) {
      this.#finish(!isChunked && length === 0);
    } else if (isChunked) {
      if (length >= 0 || minor === 0) this.#persistent = false;
      this.#state = 'chunk size';
    } else if (length < 0) {
      this.#state = 'until close';
    } else if (length === 0) {
      this.#finish(true);
    } else {
      this.#left = length;
      this.#state = 'sized';
    }
  }

  /** Where the body ends: RFC 9112, section 6.3. */
  #frame(control: Control, minor: number): void {
    const { status } = this.#head;
    if (this.#request.method === 'HEAD' || status === 204 || status === 304) {
      this.#finish(true);
      return;
    }
    const codings = codingsOf(control.codings);
    if (!isIn(status, this.#request.wanted)) {
      this.#finish(codings.length === 0 && control.length === '0');
    } else if (codings.length > 0) {
      // Chunks count where there is a length as well, and in HTTP/1.0; but who says so is not to be asked again.
      if (control.length !== null || minor === 0) this.#persistent = false;
      this.#state = codings.at(-1) === 'chunked' ? 'chunk size' : 'until close';
    } else {
      this.#measure(lengthOf(control.length), control);
    }
  }

  #measure(length: number | null, control: Control): void {
    if (length === null) {
      this.#state = 'until close';
    } else if (length > 0) {
      this.#left = length;
      this.#state = 'sized';
    } else if (length === 0 || !this.#request.keepsBody) {
      // Where nothing is looked for in the body, an odd length says nothing about the status.
      this.#finish(length === 0);
    } else {
      throw this.#failure(`not HTTP: the Content-Length is "${printable(control.length ?? '')}"`);
    }
  }

  #readBody(bytes: Buffer, at: number, end: number): number {
    const { bodyLimit } = this.#request;
    const sized = this.#state !== 'until close';
    const length = Math.min(end - at, bodyLimit - this.#body.size, sized ? this.#left : Number.POSITIVE_INFINITY);
    this.#body.add(bytes, at, length);
    if (sized) this.#left -= length;
    if (sized && this.#left === 0 && this.#state === 'sized') this.#finish(true);
    else if (this.#body.size === bodyLimit) this.#finish(false);
    else if (sized && this.#left === 0) this.#state = 'chunk end';
    return at + length;
  }

  /** Lines between chunks (section 7.1), whose ends need no CR either. */
  #readLine(bytes: Buffer, at: number, end: number): number {
    const last = Math.min(end, at + chunkLineBound - this.#text.length);
    const feed = bytes.subarray(at, last).indexOf('\n');
    const after = feed < 0 ? last : at + feed + 1;
    this.#text += bytes.toString('latin1', at, after);
    if (feed >= 0) {
      const line = this.#text;
      this.#text = '';
      this.#takeLine(line.slice(0, line.endsWith('\r\n') ? -2 : -1));
    } else if (this.#text.length >= chunkLineBound) {
      throw this.#failure(`too large: a line between chunks of more than ${chunkLineBound} bytes`);
    }
    return after;
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

function isLineEnd(byte: number | undefined): boolean {
  return byte === 0x0d || byte === 0x0a;
}
