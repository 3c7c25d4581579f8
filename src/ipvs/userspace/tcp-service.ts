/** What becomes of a connection that a TCP service has accepted: who serves it, and which thread carries it. */

import { errorName } from '../../system/libc.js';
import type { Carriers } from './carriers.js';
import { type DescriptorShare, perConnection } from './descriptor-share.js';
import { type Choice, Lease } from './lease.js';
import type { Limits } from './limits.js';
import type { LiveDestination } from './live-destination.js';
import type { DestinationPool } from './pool.js';
import { proxyHeader } from './proxy-header.js';
import type { PeerAddress } from './socket-address.js';
import { type Carrying, closeReset, connectTo, type Place, TcpConnection } from './tcp-connection.js';

/** What connections of one service share, some of it with those of others. */
export interface Forwarding extends Carrying {
  readonly pool: DestinationPool;
  readonly limits: Limits;
  readonly descriptors: DescriptorShare;
  /** Other threads that carry connections, and how many each has. */
  readonly carriers: Carriers;
  /** Connections of this service. */
  readonly held: { count: number };
  /** Code of the system's error. */
  readonly onConnectError: (destination: LiveDestination, code: string) => void;
  readonly onAcceptError: (code: string) => void;
}

/** Forwards a connection just accepted. Without a destination the client is reset at once. */
export function forward(client: number, from: PeerAddress, forwarding: Forwarding): void {
  const { pool, carriers } = forwarding;
  const choice = pool.choose(from);
  if (choice === null) {
    closeReset(client);
    return;
  }
  if (carriers.count > 0 && hasGone(client, from, choice, forwarding)) return;
  const { destination } = choice;
  const server = connectTo(destination.socketAddress);
  if (server < 0) {
    forwarding.onConnectError(destination, errorName(-server));
    closeReset(client);
    return;
  }
  const connection = new TcpConnection(client, server, forwarding, destination.counts);
  const lease = new Lease(choice, 'active', () => connection.abort());
  carriers.own += 1;
  const place = new ServicePlace(forwarding, destination, lease, carriers);
  const { proxyProtocol = 'none' } = pool.service;
  connection.begin(place, proxyProtocol === 'none' ? null : proxyHeader(proxyProtocol, from, client));
}

/** Whether another thread carries it. */
function hasGone(client: number, from: PeerAddress, choice: Choice, forwarding: Forwarding): boolean {
  const carrier = forwarding.carriers.next();
  if (carrier === null) return false;
  const { destination } = choice;
  const id = carrier.take(client, from, destination, forwarding.pool.service.proxyProtocol ?? 'none');
  if (id === null) return false;
  const lease = new Lease(choice, 'active', () => carrier.revoke(id));
  carrier.give(id, new ServicePlace(forwarding, destination, lease, null));
  return true;
}

/** The place of one connection, at its service and at its destination. */
class ServicePlace implements Place {
  readonly #forwarding: Forwarding;
  readonly #destination: LiveDestination;
  readonly #lease: Lease;
  readonly #own: { own: number } | null;

  /** `own` counts the connections that this thread carries itself; null where another one does. */
  constructor(forwarding: Forwarding, destination: LiveDestination, lease: Lease, own: { own: number } | null) {
    this.#forwarding = forwarding;
    this.#destination = destination;
    this.#lease = lease;
    this.#own = own;
    forwarding.held.count += 1;
    forwarding.descriptors.take(perConnection);
  }

  deactivate(): void {
    this.#lease.deactivate();
  }

  onError(error: number): void {
    this.#forwarding.onConnectError(this.#destination, errorName(error));
  }

  release(): void {
    this.#forwarding.held.count -= 1;
    if (this.#own !== null) this.#own.own -= 1;
    this.#forwarding.descriptors.give(perConnection);
    this.#lease.release();
  }
}
