/**
 * One TCP connection between a client and the destination chosen for it. A destination that refuses, or does not answer
 * in time, is not replaced by another: the client is reset, as with the kernel's table, and the checks take it out.
 */

import { constants } from 'node:os';
import { edgeTriggered, failed, hungUp, peerClosed, readable, writable } from '../../system/epoll.js';
import { closeDescriptor } from '../../system/held-descriptors.js';
import { connect, recv, send, takePendingError } from '../../system/libc.js';
import { errorNumber, resetAtClose, sendAtOnce, shutdown } from '../../system/libc-serving.js';
import { socketTo } from './bound-socket.js';
import type { Meter } from './counts.js';
import type { Deadlines, Timed } from './deadlines.js';
import type { EventLoop } from './event-loop.js';
import type { Holding } from './holding.js';
import { TcpEnd } from './tcp-end.js';

/** Of recv(2) and send(2). With the last one, TCP drops what it would read. */
const peek = 0x02;
const noSignal = 0x4000;
const drop = 0x20;
/** SHUT_WR of shutdown(2). */
const writing = 1;
const { EAGAIN, EINTR, EINPROGRESS, EPIPE } = constants.errno;

const allEvents = (readable | writable | peerClosed | edgeTriggered) >>> 0;

/**
 * Bytes that are read at once; all connections of a thread read into the same place, one after another. With 64 KiB a
 * megabyte costs a third more; splice(2) was no faster on loopback, and takes two more descriptors.
 */
const chunk = 262_144;
const buffer = new Uint8Array(new ArrayBuffer(chunk));
/** Chunks of one direction in one turn, after which others have theirs. */
const chunksAtOnce = 4;

/** What all connections of a thread share. */
export interface Carrying {
  readonly loop: EventLoop;
  readonly holding: Holding;
  readonly connecting: Deadlines<Timed>;
  readonly idle: Deadlines<Timed>;
}

/** Who has given this connection its place, and hears what becomes of it. */
export interface Place {
  /** From the first half close on it is inactive. */
  deactivate(): void;
  /** It cannot be made: the number of the system's error. */
  onError(error: number): void;
  /** Both of its sockets are closed. */
  release(): void;
}

/** The descriptor of a connection that is being made; where there is none, the system's error as a number below 0. */
export function connectTo(socketAddress: Uint8Array): number {
  const server = socketTo(socketAddress, 'stream');
  if (server < 0) return -errorNumber();
  sendAtOnce(server);
  if (connect(server, socketAddress, socketAddress.length) < 0) {
    const error = errorNumber();
    if (error !== EINPROGRESS) {
      closeDescriptor(server);
      return -error;
    }
  }
  return server;
}

export function closeReset(descriptor: number): void {
  resetAtClose(descriptor);
  closeDescriptor(descriptor);
}

export class TcpConnection implements Timed {
  earlier: Timed | null = null;
  later: Timed | null = null;
  since = -1;
  readonly #client: TcpEnd;
  readonly #server: TcpEnd;
  readonly #carrying: Carrying;
  readonly #meter: Meter;
  #place: Place | null = null;
  #isConnected = false;
  /** One side takes no more for good. */
  #isFailing = false;
  /** It was reset, and no end of it is to be passed on. */
  #isCut = false;
  #isClosed = false;

  /** `meter` counts what passes. */
  constructor(client: number, server: number, carrying: Carrying, meter: Meter) {
    this.#client = new TcpEnd(client, this);
    this.#server = new TcpEnd(server, this);
    this.#carrying = carrying;
    this.#meter = meter;
  }

  /** `greeting` goes to the server ahead of what the client sends. */
  begin(place: Place, greeting: Uint8Array | null): void {
    this.#place = place;
    const { loop, connecting } = this.#carrying;
    connecting.start(this, loop.now);
    this.#meter.connection();
    if (greeting !== null) this.#hold(this.#client, greeting);
    try {
      loop.watch(this.#client, allEvents);
      loop.watch(this.#server, allEvents);
    } catch {
      // The kernel watches no more of them.
      place.onError(errorNumber());
      this.abort();
    }
  }

  onEvents(end: TcpEnd, events: number): void {
    if (!this.#isConnected) {
      if (end === this.#server) this.#connected(events);
      else if ((events & (failed | hungUp)) !== 0) this.abort();
      return;
    }
    this.#carrying.idle.start(this, this.#carrying.loop.now);
    const other = this.#otherOf(end);
    if (end.isWritable) this.#pump(other);
    if (!this.#isClosed && end.isReadable) this.#pump(end);
    // What it had to say was passed on as far as it went; who was reset neither says nor hears more.
    if (!this.#isClosed && (events & failed) !== 0) this.#onFailure(end);
  }

  goOn(end: TcpEnd): void {
    if (this.#isClosed) return;
    this.#carrying.idle.start(this, this.#carrying.loop.now);
    this.#pump(end);
  }

  /** For too long there was no connection, or not a byte. */
  onExpired(): void {
    this.abort();
  }

  /** Resets both sides. */
  abort(): void {
    this.#close(closeReset);
  }

  #connected(events: number): void {
    const { loop, idle, connecting } = this.#carrying;
    if ((events & (failed | hungUp)) !== 0) {
      const error = takePendingError(this.#server.descriptor);
      if (error !== 0) this.#place?.onError(error);
      this.abort();
      return;
    }
    if ((events & writable) === 0) return;
    this.#isConnected = true;
    connecting.delete(this);
    idle.start(this, loop.now);
    this.#client.isWritable = true;
    this.#pump(this.#client);
    if (!this.#isClosed && this.#server.isReadable) this.#pump(this.#server);
  }

  /** Copies what one side has to the other as far as that takes it, with its end. */
  #pump(from: TcpEnd): void {
    if (from.isUnfinished) return;
    const to = this.#otherOf(from);
    if (from.held !== null && to.isWritable) this.#flush(from, to);
    for (let chunks = 0; from.isReadable && to.isWritable && !from.isEnded && !this.#isClosed; chunks += 1) {
      if (chunks === chunksAtOnce) {
        from.isUnfinished = true;
        this.#carrying.loop.later(from);
        return;
      }
      this.#copy(from, to);
    }
    if (!this.#isClosed && !this.#isCut && from.isEnded && from.held === null && !to.isShut) this.#end(to);
  }

  #copy(from: TcpEnd, to: TcpEnd): void {
    const keeps = to.isSlow || !this.#carrying.holding.hasRoom;
    const count = recv(from.descriptor, buffer, chunk, keeps ? peek : 0);
    if (count < 0) {
      this.#onReadError(from);
      return;
    }
    if (count === 0) {
      from.isEnded = true;
      from.isReadable = false;
      this.#place?.deactivate();
      return;
    }
    // With fewer than there was room for there are no more; what comes later is told, and so is the end.
    if (count < chunk && !from.isEnding) from.isReadable = false;
    const sent = send(to.descriptor, buffer, count, noSignal);
    const written = sent < 0 ? this.#onWriteError(from, to) : sent;
    if (written < 0) return;
    this.#passed(from, written);
    if (written < count) {
      to.isWritable = false;
      to.isSlow = true;
    }
    if (keeps) {
      if (written > 0) recv(from.descriptor, buffer, written, drop);
      if (written < count) from.isReadable = true;
    } else if (written < count) {
      this.#hold(from, buffer.slice(written, count));
    }
  }

  #hold(from: TcpEnd, bytes: Uint8Array): void {
    this.#carrying.holding.add(bytes.length);
    from.held = { bytes, written: 0 };
  }

  #flush(from: TcpEnd, to: TcpEnd): void {
    const { held } = from;
    if (held === null) return;
    const left = held.written === 0 ? held.bytes : held.bytes.subarray(held.written);
    const sent = send(to.descriptor, left, left.length, noSignal);
    const written = sent < 0 ? this.#onWriteError(from, to) : sent;
    if (written < 0) return;
    held.written += written;
    this.#passed(from, written);
    if (written < left.length) to.isWritable = false;
    else this.#release(from);
  }

  /** 0 where it only takes nothing for now; otherwise the connection is over. */
  #onWriteError(from: TcpEnd, to: TcpEnd): 0 | -1 {
    const error = errorNumber();
    if (error === EAGAIN || error === EINTR) return 0;
    from.isReadable = false;
    // A reset that is told to who writes is not told to who reads: what it reads then looks like an end. After the peer's
    // own end it is EPIPE, and that end was one.
    if (error !== EPIPE) this.#isCut = true;
    if (!this.#isFailing) {
      this.#isFailing = true;
      // Its last words may be there: a server that does not read to the end says why before it resets.
      to.isReadable = true;
      this.#pump(to);
    }
    this.abort();
    return -1;
  }

  #onReadError(from: TcpEnd): void {
    const error = errorNumber();
    if (error === EAGAIN) from.isReadable = false;
    else if (error !== EINTR) this.abort();
  }

  /** A reset that came after the peer's own end is EPIPE, and cuts nothing off: what is sent there will fail. */
  #onFailure(end: TcpEnd): void {
    const error = takePendingError(end.descriptor);
    if (error !== 0 && error !== EPIPE) this.abort();
  }

  /** Our own end goes after the last byte. */
  #end(to: TcpEnd): void {
    to.isShut = true;
    if (this.#otherOf(to).isShut) this.#close(closeDescriptor);
    else shutdown(to.descriptor, writing);
  }

  #passed(from: TcpEnd, bytes: number): void {
    if (bytes === 0) return;
    if (from === this.#client) this.#meter.received(bytes);
    else this.#meter.answered(bytes);
  }

  #release(from: TcpEnd): void {
    if (from.held === null) return;
    this.#carrying.holding.remove(from.held.bytes.length);
    from.held = null;
  }

  #otherOf(end: TcpEnd): TcpEnd {
    return end === this.#client ? this.#server : this.#client;
  }

  #close(close: (descriptor: number) => void): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { loop, connecting, idle } = this.#carrying;
    for (const end of [this.#client, this.#server]) {
      this.#release(end);
      loop.unwatch(end);
      close(end.descriptor);
    }
    if (this.#isConnected) idle.delete(this);
    else connecting.delete(this);
    this.#place?.release();
  }
}
