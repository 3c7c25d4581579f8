/**
 * A connection lent to the library of a database. The library has a stream that it can take for a socket of its own;
 * dialling, TLS, the deadline and the end stay here, and what it throws at a strange answer ends the probe alone.
 */

import type net from 'node:net';
import { Duplex } from 'node:stream';
import { failureOf, type Phase, ProbeFailure } from '../failure.js';
import type { Connection } from './dial.js';

/** Bytes that a server may say: a login and the first rows. */
const saidBound = 1024 * 1024;

/**
 * Lends the connection to `use`, whose library begins by waiting for a greeting or by logging in, and rejects with a
 * ProbeFailure as soon as the connection fails or the signal aborts, whether the library takes note or not.
 */
export async function lend<T>(
  connection: Connection,
  phase: 'greeting' | 'login',
  signal: AbortSignal,
  use: (stream: LentStream) => Promise<T>,
): Promise<T> {
  const stream = new LentStream(connection, phase, signal);
  try {
    return await Promise.race([stream.broken, use(stream)]);
  } finally {
    stream.destroy();
  }
}

export class LentStream extends Duplex {
  /** What the library is doing, for the reason of a failure. */
  phase: Phase;
  /** Called where the server says more than is read. */
  onFull = (): void => this.fail(new ProbeFailure(this.phase, `the server says more than ${saidBound} bytes`));
  /** Never resolves. */
  readonly broken: Promise<never>;
  readonly #connection: Connection;
  readonly #signal: AbortSignal;
  readonly #take = () => this.#pass();
  readonly #end = () => this.#noteEnd();
  #reject: (failure: ProbeFailure) => void = () => {};
  #over = false;
  #said = 0;

  constructor(connection: Connection, phase: Phase, signal: AbortSignal) {
    super();
    this.phase = phase;
    this.#connection = connection;
    this.#signal = signal;
    this.broken = new Promise((_resolve, reject) => {
      this.#reject = reject;
    });
    this.on('error', () => {});
    this.#follow(connection.socket);
  }

  /** As a socket; the connection stands already. */
  connect(): this {
    queueMicrotask(() => this.emit('connect'));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  /** Speaks TLS from here on, below the library; the phase is `tls` until then. Rejects with a ProbeFailure. */
  async upgrade(): Promise<void> {
    const plain = this.#connection.socket;
    plain.off('readable', this.#take).off('end', this.#end).off('close', this.#end);
    if (plain.readableLength > 0) throw new ProbeFailure('starttls', 'the server goes on in plain text');
    const { phase } = this;
    this.phase = 'tls';
    this.#follow(await this.#connection.upgrade());
    this.phase = phase;
  }

  /** Ends the probe with this failure, or with the deadline where that has come. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#reject(failureOf(this.phase, error, this.#signal));
  }

  /** Libraries read in listeners of `data`, and what these throw would end the process. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event !== 'data') return super.emit(event, ...args);
    if (this.#over) return false;
    try {
      return super.emit(event, ...args);
    } catch {
      this.fail(new ProbeFailure(this.phase, 'the answer cannot be read'));
      return false;
    }
  }

  override _read(): void {
    // What the server says is passed on as it comes, up to the bound.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    // Who waits for a greeting answers it with a login.
    if (this.phase === 'greeting') this.phase = 'login';
    // Whether it arrives shows in what comes back.
    this.#connection.socket.write(chunk);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // A library that gives up says why, if it does, in this turn of the loop.
    setImmediate(() => this.fail(new ProbeFailure(this.phase, 'the answer cannot be read')));
    done(error);
  }

  #follow(socket: net.Socket): void {
    socket.on('readable', this.#take).on('end', this.#end).on('close', this.#end);
    this.#pass();
  }

  #pass(): void {
    const { socket } = this.#connection;
    for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) {
      this.#said += chunk.length;
      if (this.#said > saidBound) {
        this.onFull();
        return;
      }
      if (!this.#over) this.push(chunk);
    }
    if (socket.destroyed) this.#noteEnd();
  }

  #noteEnd(): void {
    const { socket } = this.#connection;
    const cause = socket.errored ?? new ProbeFailure(this.phase, 'closed by the server');
    // What it said before is with the library first.
    setImmediate(() => this.fail(cause));
  }
}
