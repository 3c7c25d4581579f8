/** One of a connection's two sockets: what it has to read, what it takes, and what was read of it that waits. */

import { failed, hungUp, peerClosed, readable, writable } from '../../system/epoll.js';
import type { TcpConnection } from './tcp-connection.js';

/** Bytes that were read and not yet written, with how many of them have gone since. */
export interface Held {
  readonly bytes: Uint8Array;
  written: number;
}

export class TcpEnd {
  readonly descriptor: number;
  readonly #connection: TcpConnection;
  /** Edges alone are told: each of these stands until a call says otherwise. */
  isReadable = false;
  isWritable = false;
  /** The peer has sent its end, which may still be behind data. */
  isEnding = false;
  /** All that the peer had to send was read, its end included. */
  isEnded = false;
  /** Our own end was sent. */
  isShut = false;
  /** It has once taken less than it was given: what goes there is left with the kernel until it has gone. */
  isSlow = false;
  /** Read of this end and not yet written to the other one. */
  held: Held | null = null;
  /** Whether it goes on in the next turn. */
  isUnfinished = false;

  constructor(descriptor: number, connection: TcpConnection) {
    this.descriptor = descriptor;
    this.#connection = connection;
  }

  onEvents(events: number): void {
    if ((events & writable) !== 0) this.isWritable = true;
    if ((events & (readable | peerClosed | failed | hungUp)) !== 0) this.isReadable = true;
    if ((events & (peerClosed | failed | hungUp)) !== 0) this.isEnding = true;
    this.#connection.onEvents(this, events);
  }

  goOn(): void {
    this.isUnfinished = false;
    this.#connection.goOn(this);
  }
}
