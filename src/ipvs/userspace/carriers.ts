/**
 * The threads that carry connections beside the one that accepts and chooses. One chooses for all, so that choices,
 * thresholds and persistence are exact, however many carry. Of what a short connection costs about half is its own.
 */

import type { MessagePort } from 'node:worker_threads';
import { handOverTo, takeBackFrom } from '../../system/held-descriptors.js';
import {
  type CarrierJoins,
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
import type { EventLoop, Post } from './event-loop.js';
import type { LiveDestination } from './live-destination.js';
import { Inbox, Outbox } from './mail.js';
import type { PeerAddress } from './socket-address.js';
import type { Place } from './tcp-connection.js';

export type ProxyVersion = 'none' | 'v1' | 'v2';
const proxyNumbers = { none: 0, v1: 1, v2: 2 } as const;

export class Carriers {
  readonly #loop: EventLoop;
  readonly #onTold: () => void;
  readonly #carriers: Carrier[] = [];
  /** Connections that this thread carries itself. */
  own = 0;

  /** `onTold` is called after any of them had something to say. */
  constructor(loop: EventLoop, onTold: () => void) {
    this.#loop = loop;
    this.#onTold = onTold;
  }

  get count(): number {
    return this.#carriers.length;
  }

  /** Who has the fewest connections; null where that is this thread. One that hangs is not given more than others have. */
  next(): Carrier | null {
    let fewest: Carrier | null = null;
    let least = this.own;
    for (const carrier of this.#carriers) {
      if (carrier.count >= least) continue;
      fewest = carrier;
      least = carrier.count;
    }
    return fewest;
  }

  join(joining: CarrierJoins): void {
    const carrier = new Carrier(joining, this.#onTold);
    this.#carriers.push(carrier);
    this.#loop.addPost(carrier);
  }

  /** Its connections are gone, and nothing goes to it any more. */
  leave(number: number): void {
    const index = this.#carriers.findIndex((carrier) => carrier.number === number);
    const [carrier] = index < 0 ? [] : this.#carriers.splice(index, 1);
    if (carrier === undefined) return;
    this.#loop.removePost(carrier);
    carrier.lose();
  }
}

export class Carrier implements Post {
  readonly number: number;
  readonly #joining: CarrierJoins;
  readonly #introductions: MessagePort;
  readonly #onTold: () => void;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #record = new Int32Array(toCarrier.width);
  readonly #bytes = new Uint8Array(this.#record.buffer);
  readonly #places = new Map<number, Place>();
  /** Groups of memory that it knows. */
  readonly #known = new Set<number>();
  #lastId = 0;

  constructor(joining: CarrierJoins, onTold: () => void) {
    this.number = joining.number;
    this.#joining = joining;
    this.#introductions = joining.introductions;
    this.#onTold = onTold;
    this.#outbox = new Outbox(joining.handing, toCarrier, joining.waker);
    this.#inbox = new Inbox(joining.telling, fromCarrier);
  }

  /** Connections that it carries. */
  get count(): number {
    return this.#places.size;
  }

  /** Hands a client's descriptor over; whoever has it is told by the number that comes back. Null where it takes none. */
  take(client: number, from: PeerAddress, destination: LiveDestination, proxy: ProxyVersion): number | null {
    const { counted, service } = destination.counts;
    const serviceCounted = service?.counted ?? counted;
    this.#introduce(counted.group, counted.memories);
    this.#introduce(serviceCounted.group, serviceCounted.memories);
    // They go round after four thousand millions, and a connection may last.
    do this.#lastId = (this.#lastId + 1) | 0;
    while (this.#places.has(this.#lastId));
    const record = this.#record;
    record[handed.id] = this.#lastId;
    record[handed.descriptor] = client;
    record[handed.proxy] = proxyNumbers[proxy];
    record[handed.group] = counted.group;
    record[handed.index] = counted.index;
    record[handed.serviceGroup] = serviceCounted.group;
    record[handed.serviceIndex] = serviceCounted.index;
    record[handed.size] = destination.socketAddress.length;
    this.#bytes.set(destination.socketAddress, handed.server * 4);
    this.#bytes.set(from.bytes, handed.client * 4);
    handOverTo(client, this.#joining.descriptors);
    if (this.#outbox.offer(record)) {
      this.#outbox.wake();
      return this.#lastId;
    }
    takeBackFrom(client, this.#joining.descriptors);
    return null;
  }

  /** Who is told of the connection with this number. */
  give(id: number, place: Place): void {
    this.#places.set(id, place);
  }

  revoke(id: number): void {
    this.#record[handed.id] = id;
    this.#record[handed.descriptor] = revoked;
    this.#outbox.send(this.#record);
    this.#outbox.wake();
  }

  /** All that it carried is gone. */
  lose(): void {
    this.open();
    for (const place of this.#places.values()) place.release();
    this.#places.clear();
    this.#introductions.close();
    this.#onTold();
  }

  rest(): number {
    const wait = this.#outbox.flush();
    return this.#inbox.rest() ? wait : 0;
  }

  open(): void {
    this.#inbox.awake();
    let isTold = false;
    for (let record = this.#inbox.take(); record !== null; record = this.#inbox.take()) {
      isTold = true;
      this.#hear(record);
    }
    if (isTold) this.#onTold();
  }

  #hear(record: Int32Array): void {
    const id = record[told.id] ?? 0;
    const place = this.#places.get(id);
    if (place === undefined) return;
    switch (record[told.what]) {
      case inactive:
        place.deactivate();
        break;
      case failed:
        place.onError(record[told.error] ?? 0);
        break;
      case closed:
        this.#places.delete(id);
        place.release();
    }
  }

  #introduce(group: number, memories: readonly SharedArrayBuffer[]): void {
    if (this.#known.has(group)) return;
    this.#known.add(group);
    const memory = memories[this.number];
    if (memory === undefined) throw new Error(`thread ${this.number} has no place to count in`);
    this.#introductions.postMessage({ group, memory } satisfies Introduction);
  }
}
