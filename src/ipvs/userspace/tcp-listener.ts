/** Takes a TCP service's connections and hands each to the destination that the pool chooses. */

import { constants } from 'node:os';
import { readable } from '../../system/epoll.js';
import { closeDescriptor, holdDescriptor } from '../../system/held-descriptors.js';
import { errorName, systemError } from '../../system/libc.js';
import { accept, errorNumber, listen, sendAtOnce } from '../../system/libc-serving.js';
import { endpointText } from '../table.js';
import { boundSocket } from './bound-socket.js';
import type { Deadlines, Timed } from './deadlines.js';
import { perConnection } from './descriptor-share.js';
import type { Watched } from './event-loop.js';
import type { AddressedService, Listener } from './listener.js';
import { addressRoom, PeerAddress } from './socket-address.js';
import { type Forwarding, forward } from './tcp-service.js';

/** Connections that wait to be accepted; the kernel lowers it to net.core.somaxconn. */
const backlog = 4096;
/** Connections that are accepted in one turn. */
const acceptsAtOnce = 64;
/** Milliseconds until connections are accepted again, where there was no descriptor for one. */
const pause = 100;
const { EAGAIN, EMFILE, ENFILE, ENOBUFS, ENOMEM } = constants.errno;
const shortages: readonly number[] = [EMFILE, ENFILE, ENOBUFS, ENOMEM];

/** Throws the system's error. */
export function listenTcp(service: AddressedService, forwarding: Forwarding): Listener {
  const descriptor = boundSocket(service, 'stream');
  try {
    sendAtOnce(descriptor);
    if (listen(descriptor, backlog) < 0) throw systemError('listen', endpointText(service.address, service.port));
    const listener = new TcpListener(descriptor, forwarding);
    forwarding.loop.watch(listener, readable);
    return listener;
  } catch (error) {
    closeDescriptor(descriptor);
    throw error;
  }
}

class TcpListener implements Listener, Watched, Timed {
  earlier: Timed | null = null;
  later: Timed | null = null;
  since = -1;
  readonly descriptor: number;
  readonly #forwarding: Forwarding;
  readonly #pauses: Deadlines<Timed>;
  #closed = false;

  constructor(descriptor: number, forwarding: Forwarding) {
    this.descriptor = descriptor;
    this.#forwarding = forwarding;
    this.#pauses = forwarding.loop.deadlines(pause);
  }

  onEvents(): void {
    const { held, descriptors, limits } = this.#forwarding;
    for (let accepts = 0; accepts < acceptsAtOnce && !this.#closed; accepts += 1) {
      if (!descriptors.hasRoom(perConnection)) {
        this.#onError(EMFILE);
        return;
      }
      const name = new Uint8Array(addressRoom);
      const client = accept(this.descriptor, name);
      if (client < 0) {
        this.#onError(errorNumber());
        return;
      }
      holdDescriptor(client);
      if (held.count >= limits.maxConnections) closeDescriptor(client);
      else forward(client, new PeerAddress(name), this.#forwarding);
    }
  }

  /** The pause is over. */
  onExpired(): void {
    if (!this.#closed) this.#forwarding.loop.rewatch(this, readable);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#forwarding.loop.drop(this.#pauses);
    this.#forwarding.loop.unwatch(this);
    closeDescriptor(this.descriptor);
  }

  /** Who waits there while nobody can be accepted would be told of without end. Other errors are one connection's own. */
  #onError(error: number): void {
    if (error === EAGAIN || !shortages.includes(error)) return;
    const { loop, onAcceptError } = this.#forwarding;
    loop.rewatch(this, 0);
    this.#pauses.start(this, loop.now);
    onAcceptError(errorName(error));
  }
}
