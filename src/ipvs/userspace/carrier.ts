/** A thread that carries connections which another one has accepted, and chosen a server for. */

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import {
  type CarrierEnd,
  closed,
  failed,
  fromCarrier,
  handed,
  type Introduction,
  inactive,
  revoked,
  toCarrier,
  told,
} from './carrier-mail.js';
import { Meter } from './counts.js';
import type { EventLoop, Post } from './event-loop.js';
import { Holding } from './holding.js';
import type { Limits } from './limits.js';
import { Inbox, Outbox } from './mail.js';
import { proxyHeader } from './proxy-header.js';
import { addressRoom, PeerAddress } from './socket-address.js';
import { type Carrying, closeReset, connectTo, type Place, TcpConnection } from './tcp-connection.js';

/** Where a destination is counted, and its service. */
interface Metered {
  readonly service: number;
  readonly meter: Meter;
}

/**
 * Milliseconds until who chooses is woken for what it was told. It looks before each choice: to wake it for the end of each
 * connection would cost it as much as to accept the next one.
 */
const patience = 10;
/** Connections that are begun in one turn. */
const atOnce = 64;
/** More than there are places in one memory. */
const placesBound = 65_536;

export class Carrier implements Post {
  readonly #carrying: Carrying;
  readonly #introductions: MessagePort;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #record = new Int32Array(fromCarrier.width);
  readonly #connections = new Map<number, TcpConnection>();
  readonly #memories = new Map<number, SharedArrayBuffer>();
  readonly #meters = new Map<number, Metered>();
  #isBehind = false;
  /** Since when there is something that who chooses does not know; null where it knows all. */
  #unreadSince: number | null = null;

  constructor(loop: EventLoop, limits: Limits, threads: number, end: CarrierEnd) {
    this.#carrying = {
      loop,
      holding: new Holding(threads),
      connecting: loop.deadlines(limits.connectTimeout),
      idle: loop.deadlines(limits.tcpIdle),
    };
    this.#introductions = end.introductions;
    this.#inbox = new Inbox(end.handing, toCarrier);
    this.#outbox = new Outbox(end.telling, fromCarrier, end.waker);
    loop.addPost(this);
  }

  rest(): number {
    const wait = Math.min(this.#outbox.flush(), this.#remind());
    return this.#inbox.rest() && !this.#isBehind ? wait : 0;
  }

  open(): void {
    this.#inbox.awake();
    let left = atOnce;
    for (; left > 0; left -= 1) {
      const record = this.#inbox.take();
      if (record === null) break;
      this.#obey(record);
    }
    this.#isBehind = left === 0;
  }

  /** Resets every connection. */
  close(): void {
    for (const connection of this.#connections.values()) connection.abort();
    this.#introductions.close();
  }

  /** `what` has become of this connection. */
  tell(id: number, what: number, error = 0): void {
    this.#record[told.id] = id;
    this.#record[told.what] = what;
    this.#record[told.error] = error;
    if (what === closed) this.#connections.delete(id);
    this.#outbox.send(this.#record);
  }

  /** Milliseconds until who chooses is to be reminded. */
  #remind(): number {
    if (this.#outbox.isRead) {
      this.#unreadSince = null;
      return Number.POSITIVE_INFINITY;
    }
    const now = performance.now();
    this.#unreadSince ??= now;
    const left = Math.ceil(this.#unreadSince + patience - now);
    if (left > 0) return left;
    this.#outbox.wake();
    this.#unreadSince = null;
    return patience;
  }

  #obey(record: Int32Array): void {
    const id = record[handed.id] ?? 0;
    const client = record[handed.descriptor] ?? revoked;
    if (client !== revoked) {
      this.#carry(id, client, record);
      return;
    }
    this.#connections.get(id)?.abort();
    // An order waits for it.
    this.#outbox.wake();
  }

  #carry(id: number, client: number, record: Int32Array): void {
    const bytes = new Uint8Array(record.buffer);
    const from = handed.server * 4;
    const server = connectTo(bytes.slice(from, from + (record[handed.size] ?? 0)));
    if (server < 0) {
      closeReset(client);
      this.tell(id, failed, -server);
      this.tell(id, closed);
      return;
    }
    const connection = new TcpConnection(client, server, this.#carrying, this.#meterOf(record));
    this.#connections.set(id, connection);
    connection.begin(new CarriedPlace(this, id), greetingOf(record[handed.proxy] ?? 0, client, bytes));
  }

  #meterOf(record: Int32Array): Meter {
    const [group = 0, index = 0] = [record[handed.group], record[handed.index]];
    const [serviceGroup = 0, serviceIndex = 0] = [record[handed.serviceGroup], record[handed.serviceIndex]];
    const key = group * placesBound + index;
    const service = serviceGroup * placesBound + serviceIndex;
    const known = this.#meters.get(key);
    if (known !== undefined && known.service === service) return known.meter;
    const above = new Meter(this.#memoryOf(serviceGroup), serviceIndex, null);
    const meter = new Meter(this.#memoryOf(group), index, above);
    this.#meters.set(key, { service, meter });
    return meter;
  }

  #memoryOf(group: number): SharedArrayBuffer {
    for (let memory = this.#memories.get(group); ; memory = this.#memories.get(group)) {
      if (memory !== undefined) return memory;
      const received = receiveMessageOnPort(this.#introductions) as { readonly message: Introduction } | undefined;
      if (received === undefined) throw new Error(`nobody has said where group ${group} is counted`);
      this.#memories.set(received.message.group, received.message.memory);
    }
  }
}

function greetingOf(proxy: number, client: number, record: Uint8Array): Uint8Array | null {
  if (proxy === 0) return null;
  const from = handed.client * 4;
  return proxyHeader(proxy === 1 ? 'v1' : 'v2', new PeerAddress(record.slice(from, from + addressRoom)), client);
}

/** The place of a connection is with who chose. */
class CarriedPlace implements Place {
  readonly #carrier: Carrier;
  readonly #id: number;

  constructor(carrier: Carrier, id: number) {
    this.#carrier = carrier;
    this.#id = id;
  }

  deactivate(): void {
    this.#carrier.tell(this.#id, inactive);
  }

  onError(error: number): void {
    this.#carrier.tell(this.#id, failed, error);
  }

  release(): void {
    this.#carrier.tell(this.#id, closed);
  }
}
