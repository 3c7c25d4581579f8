/**
 * OpenSSL as it is in this process, called as a C program calls it: what Node's own TLS takes a handshake longer for is
 * making its objects. The functions are those of OpenSSL's manual, section 3ossl, and have been there since 1.1.0.
 *
 * Pointers are numbers: of a process' memory, none is beyond what a number holds exactly. Nothing here waits, since no
 * socket is below it: bytes go in and out of memory.
 */

import { DEFAULT_CIPHERS } from 'node:tls';
import koffi from 'koffi';
import { errorOf } from '../failure.js';

/** Of ssl.h and tls1.h. */
const setMinimalVersion = 123;
const tls12 = 0x0303;
const setCacheMode = 44;
const cacheOff = 0;
const setMaximalVersion = 124;
const setMode = 33;
const releaseBuffers = 0x10;
const setHostName = 55;
const hostName = 0;
const setEofReturn = 130;
/** Many servers close without saying so in TLS; where that cuts a body short, HTTP notices. */
const ignoreUnexpectedEof = 0x80;
const shutDown = 3;
/** Of SSL_get_error(3ossl). */
const sslFailed = 1;
const wantsMore = 2;
const ended = 6;
/** Of err.h. */
const libraryOfSsl = 20;
/** What each server of TLS 1.3 has (RFC 8446, section 9.1). */
const everywhere = 'TLS_AES_128_GCM_SHA256';

/**
 * Connections that may keep their buffers, of 34 KB, for as long as they are there: to have them made anew for each step
 * costs a check of HTTPS a thirtieth. Those beyond give them back in between, as those do that are kept from check to
 * check: where thousands of servers stall, it is memory that counts.
 */
const roomyBound = 256;

/** Bytes that are pulled at once; fewer are all that there are. */
export const mostPulled = 32 * 1024;
/** For all of this thread: what is to go to the peer. */
const outgoing = new Uint8Array(new ArrayBuffer(mostPulled));

/** What came of a call: bytes, or that more is to come in, or that the peer has ended TLS. */
export const needsMore = -1;

type Bindings = ReturnType<typeof bind>;

let bindings: Bindings | null | undefined;
/** One for all connections of this thread: nothing differs between them. */
let context = 0;
/** The kind of BIO that is memory. */
let memory = 0;
/** Connections that are there. */
let live = 0;

/** Whether OpenSSL can be called here: a build of Node may keep its functions to itself. */
export function hasOpenSsl(): boolean {
  if (bindings === undefined) {
    try {
      bindings = bind();
      memory = bindings.memory();
      context = newContext(bindings);
    } catch {
      bindings = null;
    }
  }
  return bindings !== null;
}

function bind() {
  const library = koffi.load(null);
  const of = <F>(prototype: string) => library.func(prototype) as unknown as F;
  type OfOne = (pointer: number) => number;
  type Control = (pointer: number, command: number, number: number, more: number) => number;
  type Move = (pointer: number, bytes: Uint8Array, length: number) => number;
  return {
    clientMethod: of<() => number>('uintptr_t TLS_client_method()'),
    newContext: of<OfOne>('uintptr_t SSL_CTX_new(uintptr_t method)'),
    freeContext: of<OfOne>('void SSL_CTX_free(uintptr_t context)'),
    controlContext: of<Control>('long SSL_CTX_ctrl(uintptr_t context, int command, long number, uintptr_t more)'),
    setOptions: of<(context: number, options: number) => number>(
      'uint64_t SSL_CTX_set_options(uintptr_t context, uint64_t options)',
    ),
    setCiphers: of<(context: number, list: string) => number>(
      'int SSL_CTX_set_cipher_list(uintptr_t context, const char *list)',
    ),
    setSuites: of<(context: number, list: string) => number>(
      'int SSL_CTX_set_ciphersuites(uintptr_t context, const char *list)',
    ),
    setVerifier: of<(context: number, verifier: number, argument: number) => void>(
      'void SSL_CTX_set_cert_verify_callback(uintptr_t context, uintptr_t verifier, uintptr_t argument)',
    ),
    /** Of X509_STORE_CTX_get_error(3ossl), which has the form of a verifier and finds nothing. */
    noVerifier: Number(library.symbol('X509_STORE_CTX_get_error')),
    make: of<OfOne>('uintptr_t SSL_new(uintptr_t context)'),
    free: of<OfOne>('void SSL_free(uintptr_t ssl)'),
    setBio: of<(ssl: number, read: number, write: number) => void>(
      'void SSL_set_bio(uintptr_t ssl, uintptr_t read, uintptr_t write)',
    ),
    name: of<(ssl: number, command: number, kind: number, name: string) => number>(
      'long SSL_ctrl(uintptr_t ssl, int command, long number, const char *name)',
    ),
    control: of<Control>('long SSL_ctrl(uintptr_t ssl, int command, long number, uintptr_t more)'),
    version: of<OfOne>('int SSL_version(uintptr_t ssl)'),
    connect: of<OfOne>('int SSL_connect(uintptr_t ssl)'),
    read: of<Move>('int SSL_read(uintptr_t ssl, _Out_ uint8_t *bytes, int length)'),
    write: of<Move>('int SSL_write(uintptr_t ssl, const uint8_t *bytes, int length)'),
    error: of<(ssl: number, result: number) => number>('int SSL_get_error(uintptr_t ssl, int result)'),
    setShutdown: of<(ssl: number, mode: number) => void>('void SSL_set_shutdown(uintptr_t ssl, int mode)'),
    isReused: of<OfOne>('int SSL_session_reused(uintptr_t ssl)'),
    session: of<OfOne>('uintptr_t SSL_get1_session(uintptr_t ssl)'),
    setSession: of<(ssl: number, session: number) => number>('int SSL_set_session(uintptr_t ssl, uintptr_t session)'),
    freeSession: of<OfOne>('void SSL_SESSION_free(uintptr_t session)'),
    isResumable: of<OfOne>('int SSL_SESSION_is_resumable(uintptr_t session)'),
    memory: of<() => number>('uintptr_t BIO_s_mem()'),
    newBio: of<OfOne>('uintptr_t BIO_new(uintptr_t type)'),
    freeBio: of<OfOne>('int BIO_free(uintptr_t bio)'),
    controlBio: of<Control>('long BIO_ctrl(uintptr_t bio, int command, long number, uintptr_t more)'),
    readBio: of<Move>('int BIO_read(uintptr_t bio, _Out_ uint8_t *bytes, int length)'),
    writeBio: of<Move>('int BIO_write(uintptr_t bio, const uint8_t *bytes, int length)'),
    clearErrors: of<() => void>('void ERR_clear_error()'),
    nextError: of<() => number>('unsigned long ERR_get_error()'),
    reason: of<(error: number) => string | null>('const char *ERR_reason_error_string(unsigned long error)'),
  } as const;
}

/**
 * As Node's own connections are by default: its versions, its ciphers. Of the suites of TLS 1.3 the one that each server
 * has stands first, which takes both sides the least time. Throws where OpenSSL takes them not.
 */
function newContext(calls: Bindings): number {
  const made = calls.newContext(calls.clientMethod());
  if (made === 0) throw errorOf('ENOMEM');
  calls.controlContext(made, setMinimalVersion, tls12, 0);
  calls.controlContext(made, setCacheMode, cacheOff, 0);
  calls.setOptions(made, ignoreUnexpectedEof);
  // A chain of certificates would be looked for even where nobody asks what it is worth.
  calls.setVerifier(made, calls.noVerifier, 0);
  const ciphers = DEFAULT_CIPHERS.split(':');
  const newer = ciphers.filter((name) => name.startsWith('TLS_'));
  const suites = [...newer.filter((name) => name === everywhere), ...newer.filter((name) => name !== everywhere)];
  const others = ciphers.filter((name) => !name.startsWith('TLS_'));
  if (calls.setSuites(made, suites.join(':')) === 1 && calls.setCiphers(made, others.join(':')) === 1) return made;
  calls.freeContext(made);
  throw errorOf('EINVAL');
}

/** What a connection leaves for the next one to resume. Whoever has one frees it. */
export class OwnSession {
  #pointer: number;

  constructor(pointer: number) {
    this.#pointer = pointer;
  }

  get pointer(): number {
    return this.#pointer;
  }

  free(): void {
    const pointer = this.#pointer;
    this.#pointer = 0;
    if (pointer !== 0) bindings?.freeSession(pointer);
  }
}

/** What a connection asks for; all of it can be left out. */
export interface Offer {
  /** What is to be resumed. */
  readonly session?: OwnSession | null;
  /** Whether nothing newer than TLS 1.2 is spoken. */
  readonly isOlder?: boolean;
  /** Whether the connection is to be kept, and idle for most of its life. */
  readonly isLasting?: boolean;
}

interface Pointers {
  readonly ssl: number;
  /** What comes from the peer and what goes there: they go with the connection. */
  readonly into: number;
  readonly out: number;
}

/** The client's side of one TLS connection, between bytes and bytes. Whoever makes one frees it. */
export class TlsEngine {
  readonly #calls: Bindings;
  /** Null once it is freed. */
  #pointers: Pointers | null;
  /** Whether somebody has its session beside it. */
  #isShared = false;

  /** To be asked for only where `hasOpenSsl`. An empty name asks for none. Throws where there is no memory left. */
  constructor(servername: string, { session = null, isOlder = false, isLasting = false }: Offer = {}) {
    if (!hasOpenSsl() || !bindings) throw new TypeError('OpenSSL cannot be called here');
    const calls = bindings;
    this.#calls = calls;
    const ssl = calls.make(context);
    const into = ssl === 0 ? 0 : calls.newBio(memory);
    const out = into === 0 ? 0 : calls.newBio(memory);
    if (out === 0) {
      if (into !== 0) calls.freeBio(into);
      if (ssl !== 0) calls.free(ssl);
      throw errorOf('ENOMEM');
    }
    this.#pointers = { ssl, into, out };
    calls.setBio(ssl, into, out);
    live += 1;
    if (isLasting || live > roomyBound) calls.control(ssl, setMode, releaseBuffers, 0);
    if (isOlder) calls.control(ssl, setMaximalVersion, tls12, 0);
    if (servername !== '') calls.name(ssl, setHostName, hostName, servername);
    if (session === null || session.pointer === 0) return;
    this.#isShared = true;
    calls.setSession(ssl, session.pointer);
  }

  /** Takes what has come from the peer: the first `length` bytes. */
  push(bytes: Uint8Array, length = bytes.length): void {
    if (this.#calls.writeBio(this.#live.into, bytes, length) !== length) throw errorOf('ENOMEM');
  }

  /** The peer sends no more. */
  end(): void {
    this.#calls.controlBio(this.#live.into, setEofReturn, 0, 0);
  }

  /** Some of what is to go to the peer, until the next call of any connection; null where there is nothing. */
  pull(): Uint8Array | null {
    const length = this.#calls.readBio(this.#live.out, outgoing, outgoing.length);
    return length > 0 ? outgoing.subarray(0, length) : null;
  }

  /** Goes on with the handshake: whether it is done. Throws an error with the code that Node's TLS would give it. */
  shake(): boolean {
    const calls = this.#calls;
    calls.clearErrors();
    const result = calls.connect(this.#live.ssl);
    if (result === 1) return true;
    if (this.#more(result) === needsMore) return false;
    // The peer has closed, which Node calls so, too.
    throw errorOf('ECONNRESET');
  }

  /** Bytes read into `buffer`; 0 is the end, `needsMore` that there is nothing yet. Throws as `shake` does. */
  read(buffer: Uint8Array): number {
    const calls = this.#calls;
    calls.clearErrors();
    const count = calls.read(this.#live.ssl, buffer, buffer.length);
    return count > 0 ? count : this.#more(count);
  }

  /** After the handshake alone. Throws as `shake` does. */
  write(bytes: Uint8Array): void {
    const calls = this.#calls;
    calls.clearErrors();
    const count = calls.write(this.#live.ssl, bytes, bytes.length);
    // Memory takes everything.
    if (count !== bytes.length && this.#more(count) !== 0) throw errorOf('EPROTO');
  }

  /** OpenSSL does not look whether there is anything at a pointer, and the process would end. */
  get #live(): Pointers {
    if (this.#pointers === null) throw errorOf('ECONNABORTED');
    return this.#pointers;
  }

  /** Whether the handshake came to TLS 1.2. */
  get isOlder(): boolean {
    return this.#calls.version(this.#live.ssl) === tls12;
  }

  get isReused(): boolean {
    const { ssl } = this.#live;
    return this.#isShared && this.#calls.isReused(ssl) === 1;
  }

  /** As it stands now; null where there is none to be resumed. */
  session(): OwnSession | null {
    const pointer = this.#calls.session(this.#live.ssl);
    if (pointer === 0) return null;
    const session = new OwnSession(pointer);
    this.#isShared = true;
    if (this.#calls.isResumable(pointer) === 1) return session;
    session.free();
    return null;
  }

  /** Can be called again. */
  free(): void {
    if (this.#pointers === null) return;
    const { ssl } = this.#pointers;
    this.#pointers = null;
    live -= 1;
    // Else its session would be taken for a broken one, which is not to be resumed.
    if (this.#isShared) this.#calls.setShutdown(ssl, shutDown);
    this.#calls.free(ssl);
  }

  /** What a call without a result means: `needsMore`, or 0 for the end. */
  #more(result: number): number {
    const kind = this.#calls.error(this.#live.ssl, result);
    if (kind === wantsMore) return needsMore;
    if (kind === sslFailed) throw this.#failure();
    if (kind === ended) return 0;
    // Nothing is below that could fail but the end of the input, in the middle of something.
    return 0;
  }

  /** Called as Node calls it, whose words people know. */
  #failure(): Error {
    const error = this.#calls.nextError();
    // What else there is would be taken for that of somebody else's next call.
    this.#calls.clearErrors();
    const reason = this.#calls.reason(error) ?? `error ${error.toString(16)}`;
    const library = ((error >>> 23) & 0xff) === libraryOfSsl ? 'ERR_SSL_' : 'ERR_OSSL_';
    return errorOf(`${library}${reason.toUpperCase().replaceAll(' ', '_')}`);
  }
}
