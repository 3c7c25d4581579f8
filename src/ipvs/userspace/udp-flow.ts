/** One client's exchange of datagrams with its destination, over a socket of its own. */

import { constants } from 'node:os';
import { readable } from '../../system/epoll.js';
import { closeDescriptor } from '../../system/held-descriptors.js';
import { connect, errorName, recv, send, sendto } from '../../system/libc.js';
import { errorNumber } from '../../system/libc-serving.js';
import { socketTo } from './bound-socket.js';
import type { Deadlines, Timed } from './deadlines.js';
import type { EventLoop, Watched } from './event-loop.js';
import { type Choice, Lease } from './lease.js';
import type { LiveDestination } from './live-destination.js';
import type { PeerAddress } from './socket-address.js';

/** The largest one that there can be. */
export const datagramRoom = 65_536;
/** MSG_DONTWAIT and MSG_NOSIGNAL of send(2): what the kernel has no room for is dropped. */
const sendFlags = 0x4040;
/**
 * Replies that are passed on in one turn. To send 32 datagrams at once (sendmmsg) costs as much as one by one, 9 to 12 µs
 * each on loopback; to read them at once saves 1 µs, which the service's own socket has where many clients ask.
 */
const repliesAtOnce = 8;
const { ECONNREFUSED } = constants.errno;
const reply = new Uint8Array(new ArrayBuffer(datagramRoom));

export interface FlowOptions {
  readonly loop: EventLoop;
  /** Of the flows that are idle. */
  readonly idle: Deadlines<Timed>;
  /** Milliseconds that a destination of weight 0 has to answer. */
  readonly patience: number;
  /** The service's own socket; null once it is closed. */
  readonly answering: () => number | null;
  /** There is no flow: code of the system's error. */
  readonly onError: (destination: LiveDestination, code: string) => void;
  readonly onClosed: () => void;
}

/** Null where no socket can reach the destination: the datagram is lost, and the client's next one tries again. */
export function openFlow(choice: Choice, client: PeerAddress, options: FlowOptions): UdpFlow | null {
  const { socketAddress } = choice.destination;
  const fail = () => options.onError(choice.destination, errorName(errorNumber()));
  const descriptor = socketTo(socketAddress, 'datagram');
  if (descriptor < 0) {
    fail();
    return null;
  }
  // Connected, so that nobody but the destination can send a reply.
  if (connect(descriptor, socketAddress, socketAddress.length) < 0) {
    fail();
    closeDescriptor(descriptor);
    return null;
  }
  const flow = new UdpFlow(descriptor, choice, client, options);
  try {
    options.loop.watch(flow, readable);
  } catch {
    fail();
    flow.close();
    return null;
  }
  choice.destination.counts.connection();
  return flow;
}

export class UdpFlow implements Watched, Timed {
  earlier: Timed | null = null;
  later: Timed | null = null;
  since = -1;
  readonly descriptor: number;
  readonly #destination: LiveDestination;
  readonly #client: PeerAddress;
  readonly #lease: Lease;
  readonly #options: FlowOptions;
  /** Since when a destination of weight 0 owes an answer, in the loop's time; null where it owes none. */
  #owedSince: number | null = null;
  /** Whether the host has said since that nobody is there. */
  #refused = false;
  #closed = false;

  constructor(descriptor: number, choice: Choice, client: PeerAddress, options: FlowOptions) {
    this.descriptor = descriptor;
    this.#options = options;
    this.#client = client;
    this.#destination = choice.destination;
    this.#lease = new Lease(choice, 'inactive', () => this.close());
    options.idle.start(this, options.loop.now);
  }

  /**
   * Whether the destination is to take nothing new and does not answer either: one that is being drained does, one
   * that is down does not, and the table has weight 0 for both. Else a client that keeps its port would stay with a
   * dead server for as long as it asks.
   */
  get isForsaken(): boolean {
    if (this.#destination.weight > 0 || this.#owedSince === null) return false;
    return this.#refused || this.#options.loop.now - this.#owedSince >= this.#options.patience;
  }

  send(message: Uint8Array, length: number): void {
    const { idle, loop } = this.#options;
    idle.start(this, loop.now);
    if (this.#destination.weight > 0) {
      this.#owedSince = null;
      this.#refused = false;
    } else {
      this.#owedSince ??= loop.now;
    }
    this.#destination.counts.received(length);
    // A refusal of the datagram before is told to this one, and does not concern it.
    if (send(this.descriptor, message, length, sendFlags) < 0 && errorNumber() === ECONNREFUSED) {
      this.#refused = true;
      send(this.descriptor, message, length, sendFlags);
    }
  }

  onEvents(): void {
    for (let replies = 0; replies < repliesAtOnce && !this.#closed; replies += 1) {
      const length = recv(this.descriptor, reply, reply.length, 0);
      if (length >= 0) this.#answer(length);
      else {
        // A refused datagram (ICMP port unreachable) is lost like any other.
        if (errorNumber() === ECONNREFUSED) this.#refused = true;
        return;
      }
    }
  }

  onExpired(): void {
    this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.idle.delete(this);
    this.#options.loop.unwatch(this);
    closeDescriptor(this.descriptor);
    this.#lease.release();
    this.#options.onClosed();
  }

  #answer(length: number): void {
    const { idle, loop, answering } = this.#options;
    idle.start(this, loop.now);
    this.#owedSince = null;
    this.#refused = false;
    this.#destination.counts.answered(length);
    const socket = answering();
    // Port 0 is that of a sender who wants no reply (RFC 768).
    if (socket === null || this.#client.port === 0) return;
    const { bytes } = this.#client;
    sendto(socket, reply, length, sendFlags, bytes, bytes.length);
  }
}
