/** Takes a UDP service's datagrams and keeps a flow for each client. */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { destinationKey } from '../table.js';
import { boundSocket } from './bound-socket.js';
import type { Choice } from './lease.js';
import type { Limits } from './limits.js';
import type { AddressedService, Listener } from './listener.js';
import type { DestinationPool } from './pool.js';
import { literalLookup, sendBounded, UdpFlow } from './udp-flow.js';

/** Rejects with the system's error. Nothing here waits on a peer or a resolver: the address is a literal one. */
export async function listenUdp(service: AddressedService, pool: DestinationPool, limits: Limits): Promise<Listener> {
  const descriptor = boundSocket(service, 'datagram');
  const socket = createSocket({ type: service.family === 'inet6' ? 'udp6' : 'udp4', lookup: literalLookup });
  // Waited for from before it begins: the socket listens before `bind` returns.
  const listening = once(socket, 'listening');
  socket.bind({ fd: descriptor, exclusive: true });
  try {
    await listening;
  } catch (error) {
    socket.close();
    throw error;
  }
  return new UdpListener(socket, pool, limits);
}

class UdpListener implements Listener {
  readonly #socket: Socket;
  readonly #pool: DestinationPool;
  readonly #limits: Limits;
  /** By client, and by destination too where each datagram is scheduled. The one unused for longest comes first. */
  readonly #flows = new Map<string, UdpFlow>();

  constructor(socket: Socket, pool: DestinationPool, limits: Limits) {
    this.#socket = socket;
    this.#pool = pool;
    this.#limits = limits;
    // A reply that cannot be sent costs that datagram alone; unheard the error would end the process.
    socket.on('error', () => {});
    socket.on('message', (message, client) => this.#receive(message, client));
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #receive(message: Buffer, client: RemoteInfo): void {
    const { ops } = this.#pool.service;
    const from = `${client.address} ${client.port}`;
    const standing = ops ? undefined : this.#flows.get(from);
    if (standing && !standing.isForsaken) {
      this.#use(from, standing, message);
      return;
    }
    const choice = this.#pool.choose(client);
    if (!choice) {
      if (standing) this.#use(from, standing, message);
      return;
    }
    standing?.close();
    // One-packet scheduling chooses for each datagram. Its flows are kept for the replies, and for the next of the
    // client's datagrams that goes to the same destination.
    const key = ops ? `${from} ${destinationKey(choice.destination)}` : from;
    const flow = this.#flows.get(key) ?? this.#open(key, choice, client);
    if (flow) this.#use(key, flow, message);
  }

  #use(key: string, flow: UdpFlow, message: Buffer): void {
    this.#flows.delete(key);
    this.#flows.set(key, flow);
    flow.send(message);
  }

  /** Null where there is no socket to be had: the datagram is lost, and the client's next one tries again. */
  #open(key: string, choice: Choice, client: RemoteInfo): UdpFlow | null {
    if (this.#flows.size >= this.#limits.maxFlows) {
      const [unused] = this.#flows.values();
      unused?.close();
    }
    const flow = new UdpFlow(choice, {
      idle: this.#pool.service.ops ? this.#limits.opsIdle : this.#limits.udpIdle,
      patience: this.#limits.udpPatience,
      onReply: (reply) => sendBounded(this.#socket, reply, client),
      onClosed: () => this.#flows.delete(key),
    });
    return flow.isClosed ? null : flow;
  }
}
