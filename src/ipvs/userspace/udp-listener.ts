/** Takes a UDP service's datagrams and keeps a flow for each client. */

import { readable } from '../../system/epoll.js';
import { closeDescriptor } from '../../system/held-descriptors.js';
import { type Messages, messageHeaderSize, messageLengthOffset, newMessages, recvmmsg } from '../../system/libc.js';
import { destinationKey } from '../table.js';
import { boundSocket } from './bound-socket.js';
import type { Deadlines, Timed } from './deadlines.js';
import type { DescriptorShare } from './descriptor-share.js';
import type { EventLoop, Watched } from './event-loop.js';
import type { Choice } from './lease.js';
import type { Limits } from './limits.js';
import type { AddressedService, Listener } from './listener.js';
import type { LiveDestination } from './live-destination.js';
import type { DestinationPool } from './pool.js';
import { addressRoom, PeerAddress } from './socket-address.js';
import { datagramRoom, openFlow, type UdpFlow } from './udp-flow.js';

/** Datagrams that are read at once, and so in one turn. */
const messagesAtOnce = 32;

/** Where all UDP services of a thread read, one after another. */
class Inbox {
  readonly #messages: Messages = newMessages(messagesAtOnce, {
    name: addressRoom,
    data: datagramRoom,
    control: 0,
  });
  readonly #fresh = this.#messages.headers.slice();
  readonly #lengths = new DataView(this.#messages.headers.buffer);
  readonly #parts = Array.from({ length: messagesAtOnce }, (_, index) => {
    return this.#messages.data.subarray(index * datagramRoom, (index + 1) * datagramRoom);
  });

  /** How many there are. */
  fill(descriptor: number): number {
    this.#messages.headers.set(this.#fresh);
    return recvmmsg(descriptor, this.#messages.headers, messagesAtOnce, 0, null);
  }

  /** To be read before the inbox is filled again. */
  part(index: number): Uint8Array {
    return this.#parts[index] ?? new Uint8Array();
  }

  lengthOf(index: number): number {
    return this.#lengths.getUint32(index * messageHeaderSize + messageLengthOffset, littleEndian);
  }

  /** A view: copied by who keeps it. */
  nameOf(index: number): Uint8Array {
    const at = index * addressRoom;
    return this.#messages.names.subarray(at, at + addressRoom);
  }
}

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
let inbox: Inbox | null = null;

export interface UdpForwarding {
  readonly loop: EventLoop;
  readonly pool: DestinationPool;
  readonly limits: Limits;
  readonly descriptors: DescriptorShare;
  /** Code of the system's error. */
  readonly onError: (destination: LiveDestination | null, code: string) => void;
}

/** Throws the system's error. */
export function listenUdp(service: AddressedService, forwarding: UdpForwarding): Listener {
  const descriptor = boundSocket(service, 'datagram');
  const listener = new UdpListener(descriptor, service, forwarding);
  try {
    forwarding.loop.watch(listener, readable);
    return listener;
  } catch (error) {
    listener.close();
    throw error;
  }
}

class UdpListener implements Listener, Watched {
  readonly descriptor: number;
  readonly #forwarding: UdpForwarding;
  readonly #inbox: Inbox;
  readonly #nameSize: number;
  /** By client, and by destination too where each datagram is scheduled. */
  readonly #flows = new Map<string, UdpFlow>();
  readonly #idle: Deadlines<Timed>;
  readonly #opsIdle: Deadlines<Timed>;
  #closed = false;

  constructor(descriptor: number, { family }: AddressedService, forwarding: UdpForwarding) {
    const { loop, limits } = forwarding;
    inbox ??= new Inbox();
    this.descriptor = descriptor;
    this.#forwarding = forwarding;
    this.#inbox = inbox;
    this.#nameSize = family === 'inet6' ? addressRoom : 16;
    this.#idle = loop.deadlines(limits.udpIdle);
    this.#opsIdle = loop.deadlines(limits.opsIdle);
  }

  onEvents(): void {
    const count = this.#inbox.fill(this.descriptor);
    for (let index = 0; index < count && !this.#closed; index += 1) this.#receive(index);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { loop } = this.#forwarding;
    loop.drop(this.#idle);
    loop.drop(this.#opsIdle);
    loop.unwatch(this);
    closeDescriptor(this.descriptor);
  }

  #receive(index: number): void {
    const { pool } = this.#forwarding;
    const { ops } = pool.service;
    const name = this.#inbox.nameOf(index).subarray(0, this.#nameSize);
    const from = keyOf(name);
    const standing = ops ? undefined : this.#flows.get(from);
    if (standing && !standing.isForsaken) {
      this.#pass(standing, index);
      return;
    }
    const client = new PeerAddress(name.slice());
    const choice = pool.choose(client);
    if (!choice) {
      if (standing) this.#pass(standing, index);
      return;
    }
    standing?.close();
    // One-packet scheduling chooses for each datagram. Its flows are kept for the replies, and for the next of the
    // client's datagrams that goes to the same destination.
    const key = ops ? `${from} ${destinationKey(choice.destination)}` : from;
    const flow = this.#flows.get(key) ?? this.#open(key, choice, client);
    if (flow) this.#pass(flow, index);
  }

  #pass(flow: UdpFlow, index: number): void {
    flow.send(this.#inbox.part(index), this.#inbox.lengthOf(index));
  }

  #open(key: string, choice: Choice, client: PeerAddress): UdpFlow | null {
    const { loop, limits, pool, descriptors, onError } = this.#forwarding;
    if (this.#flows.size >= limits.maxFlows || !descriptors.hasRoom(1))
      (this.#idle.first ?? this.#opsIdle.first)?.onExpired();
    if (!descriptors.hasRoom(1)) {
      onError(null, 'EMFILE');
      return null;
    }
    let flow: UdpFlow | null = null;
    flow = openFlow(choice, client, {
      loop,
      idle: pool.service.ops ? this.#opsIdle : this.#idle,
      patience: limits.udpPatience,
      onError,
      answering: () => (this.#closed ? null : this.descriptor),
      onClosed: () => {
        if (flow === null || this.#flows.get(key) !== flow) return;
        this.#flows.delete(key);
        descriptors.give(1);
      },
    });
    if (flow === null) return null;
    this.#flows.set(key, flow);
    descriptors.take(1);
    return flow;
  }
}

/** The same for one client's datagrams, and no other's: port, address and zone. */
function keyOf(name: Uint8Array): string {
  return String.fromCharCode(...name.subarray(2));
}
