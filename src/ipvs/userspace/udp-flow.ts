/** One client's exchange of datagrams with its destination, over a socket of its own. */

import { createSocket, type Socket } from 'node:dgram';
import { isIP, isIPv6 } from 'node:net';
import { type Choice, Lease } from './lease.js';
import type { LiveDestination } from './live-destination.js';

/** Bytes that may wait in a socket before further datagrams are dropped, as a full socket buffer would. */
const SEND_BOUND = 1 << 20;

/** Datagrams that may wait for the socket to open, which takes no longer than a turn of the event loop. */
const PENDING_BOUND = 64;

export interface FlowOptions {
  /** Milliseconds without a datagram after which the flow closes. */
  readonly idle: number;
  /** Milliseconds that a destination of weight 0 has to answer. */
  readonly patience: number;
  readonly onReply: (reply: Buffer) => void;
  readonly onClosed: () => void;
}

export class UdpFlow {
  readonly #socket: Socket;
  readonly #destination: LiveDestination;
  readonly #lease: Lease;
  readonly #options: FlowOptions;
  readonly #timer: NodeJS.Timeout;
  /** Null once the socket is open. */
  #pending: Buffer[] | null = [];
  /** Since when a destination of weight 0 owes an answer, on the clock of performance.now(); null where it owes none. */
  #owedSince: number | null = null;
  /** Whether the host has said since that nobody is there. */
  #refused = false;
  #closed = false;

  constructor(choice: Choice, options: FlowOptions) {
    const { address, port } = choice.destination;
    this.#options = options;
    this.#destination = choice.destination;
    this.#lease = new Lease(choice, 'inactive', () => this.close());
    this.#timer = setTimeout(() => this.close(), options.idle);
    this.#socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', lookup: literalLookup });
    this.#socket.on('message', (reply) => {
      this.#timer.refresh();
      this.#owedSince = null;
      this.#refused = false;
      options.onReply(reply);
    });
    // A refused datagram (ICMP port unreachable) is lost like any other; a socket that cannot open ends the flow,
    // which can be before this constructor has returned.
    this.#socket.on('error', () => {
      if (this.#pending) this.close();
      else this.#refused = true;
    });
    // Connected, so that nobody but the destination can send a reply.
    this.#socket.on('connect', () => this.#flush());
    this.#socket.connect(port, address);
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /**
   * Whether the destination is to take nothing new and does not answer either: one that is being drained does, one
   * that is down does not, and the table has weight 0 for both. Else a client that keeps its port would stay with a
   * dead server for as long as it asks.
   */
  get isForsaken(): boolean {
    if (this.#destination.weight > 0 || this.#owedSince === null) return false;
    return this.#refused || performance.now() - this.#owedSince >= this.#options.patience;
  }

  send(message: Buffer): void {
    this.#timer.refresh();
    if (this.#destination.weight > 0) {
      this.#owedSince = null;
      this.#refused = false;
    } else {
      this.#owedSince ??= performance.now();
    }
    if (!this.#pending) sendBounded(this.#socket, message);
    else if (this.#pending.length < PENDING_BOUND) this.#pending.push(message);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket.close();
    this.#lease.release();
    this.#options.onClosed();
  }

  #flush(): void {
    if (this.#closed) return;
    const waiting = this.#pending ?? [];
    this.#pending = null;
    for (const message of waiting) sendBounded(this.#socket, message);
  }
}

/**
 * Sends to the peer of a connected socket, or to the one named, unless too much is waiting already. Port 0 is that of
 * a sender who wants no reply (RFC 768); sending to it would throw.
 */
export function sendBounded(socket: Socket, message: Buffer, peer?: { address: string; port: number }): void {
  if (socket.getSendQueueSize() > SEND_BOUND || peer?.port === 0) return;
  if (peer) socket.send(message, peer.port, peer.address);
  else socket.send(message);
}

/** The look-up for sockets that are only ever given literal addresses: no resolver, no thread. */
export function literalLookup(
  address: string,
  _options: unknown,
  callback: (error: null, address: string, family: number) => void,
): void {
  callback(null, address, isIP(address));
}
