/** TCP connections on sockets of our own: a fraction of the work that those of Node are, for checks by the thousand. */

import { failed, hungUp, peerClosed, readable, writable } from '../../system/epoll.js';
import { closeDescriptor, handOver, openSocket } from '../../system/held-descriptors.js';
import {
  closeOnExec,
  connect,
  errorCode,
  errorName,
  getsockname,
  nonBlocking,
  recv,
  send,
  setsockopt,
  systemError,
  takePendingError,
} from '../../system/libc.js';
import { errorOf, isReset, ProbeFailure } from '../failure.js';
import type { Route } from '../probe.js';
import { isOwnPort } from './own-ports.js';
import { reactor, type Watched } from './reactor.js';
import { isRouted, takeRoute } from './route.js';
import { SocketAddress } from './socket-address.js';
import { keepSpare, type SpareKind, spareKinds, takeSpare } from './spare-sockets.js';

/** Of socket(2), socket(7), send(2). */
const typeStream = 1;
const levelSocket = 1;
const optionLinger = 13;
const noSignal = 0x4000;
/** Of tcp(7). */
const levelTcp = 6;
const optionDeferAccept = 9;
const lastEvents = failed | hungUp | peerClosed;

/** Where to connect to; a Peer is one, and a Check. */
export interface Endpoint {
  /** A literal address: a check never waits for a name server. */
  readonly address: string;
  readonly port: number;
  readonly route: Route;
}

const to = new SocketAddress();

/**
 * What comes once the connection stands. A request can take the acknowledgement along, which saves both machines a
 * packet, and wakes the server once less; where it does not come, the kernel acknowledges by itself, a little later.
 */
export type Sequel = 'request' | 'anything';

/** Seconds; any will do. On a socket that connects, the option means that the acknowledgement can wait. */
const deferring = new Uint8Array(new Int32Array([1]).buffer);

/** struct linger, switched on, with no time: a close resets. */
const noLinger = new Uint8Array(new Int32Array([1, 0]).buffer);

/**
 * Two that connect to each other at once are connected (RFC 9293, section 3.5), and a socket can be both of them: where
 * the kernel chooses the port of a server on this machine that does not run.
 */
export const ownConnection = 'nobody listens: the connection leads from the port to itself';

const from = new Uint8Array(to.bytes.length);
const fromSize = new Uint32Array(1);

/** Whether a socket that was told to connect to `to` has that address itself. */
function leadsToItself(descriptor: number): boolean {
  fromSize[0] = from.length;
  return getsockname(descriptor, from, fromSize) === 0 && to.isSameAs(from);
}

/** Whoever opens one ends it. */
export class TcpSocket implements Watched {
  /** Called once when it is connected or has failed to, and then whenever `receive` can have more. Must not throw. */
  onEvent: () => void = () => {};
  /** Why it could not be connected. */
  error: Error | null = null;
  /** That it was connected and then reset, where both were told at once. Reading comes to it after what was said. */
  reset: Error | null = null;
  #descriptor: number;
  #connecting = true;
  #awaits = true;
  /** What is not sent yet. */
  #unsent: Uint8Array | null = null;
  #sendFailure: Error | null = null;
  /** Whether there can be something to read that no event will tell of. */
  #unread = false;
  /** Whether there is nothing more to come, so that all is to be read. */
  #ending = false;
  #peerClosed = false;
  /** Which others it can serve after this one; null of one with options of its own. */
  readonly #kind: SpareKind | null;

  private constructor(descriptor: number, kind: SpareKind | null) {
    this.#descriptor = descriptor;
    this.#kind = kind;
  }

  /** Begins to connect. Throws a system error or a ProbeFailure. */
  static open({ address, port, route }: Endpoint, sequel: Sequel): TcpSocket {
    if (!to.write(address, port)) throw new ProbeFailure('connect', 'no address to connect to');
    const defers = sequel === 'request';
    const kind = isRouted(route) || to.isScoped ? null : spareKinds[to.version][defers ? 'deferring' : 'plain'];
    const spare = kind === null ? null : takeSpare(kind);
    const descriptor = spare ?? openSocket(to.family, typeStream | nonBlocking | closeOnExec, 0);
    if (descriptor < 0) throw systemError('socket', 'tcp');
    const opened = new TcpSocket(descriptor, kind);
    try {
      if (isRouted(route)) takeRoute(descriptor, route, address);
      // It stays with the socket, as all options do.
      if (defers && spare === null) setsockopt(descriptor, levelTcp, optionDeferAccept, deferring, deferring.length);
      if (connect(descriptor, to.bytes, to.size) < 0 && errorCode() !== 'EINPROGRESS') {
        throw systemError('connect', 'tcp');
      }
      if (isOwnPort(port) && leadsToItself(descriptor)) {
        setsockopt(descriptor, levelSocket, optionLinger, noLinger, noLinger.length);
        throw new ProbeFailure('connect', ownConnection);
      }
      reactor.watch(opened);
    } catch (error) {
      reactor.unwatch(descriptor);
      closeDescriptor(descriptor);
      throw error;
    }
    reactor.await();
    return opened;
  }

  get descriptor(): number {
    return this.#descriptor;
  }

  get ended(): boolean {
    return this.#descriptor < 0;
  }

  /** Whether some of what was sent waits for room. */
  get isSending(): boolean {
    return this.#unsent !== null;
  }

  onEvents(events: number): void {
    if ((events & lastEvents) !== 0) this.#ending = true;
    if ((events & peerClosed) !== 0) this.#peerClosed = true;
    if ((events & (readable | lastEvents)) !== 0) this.#unread = true;
    if (this.#connecting) {
      if ((events & (failed | hungUp)) !== 0) this.#fail();
      else if ((events & writable) === 0) return;
      this.#connecting = false;
    } else if (this.#unsent !== null) {
      this.#flush(this.#unsent);
    }
    this.onEvent();
  }

  /** Sends, or keeps a copy of what cannot be sent yet; what came before has been. An answer is awaited from here on. */
  send(bytes: Uint8Array): void {
    if (!this.#awaits) {
      this.#awaits = true;
      reactor.await();
    } else {
      reactor.hasten();
    }
    this.#flush(bytes);
  }

  /**
   * Reads into `buffer`: how many bytes, 0 where the peer has closed, null where there is nothing yet. Throws a system
   * error where the connection is broken.
   */
  receive(buffer: Uint8Array): number | null {
    if (!this.#unread || this.ended) return null;
    const count = recv(this.#descriptor, buffer, buffer.length, 0);
    if (count < 0) {
      this.#unread = false;
      const code = errorCode();
      if (code !== 'EAGAIN') throw errorOf(code);
      if (this.#sendFailure !== null) throw this.#sendFailure;
      return null;
    }
    // A short count means that there was no more; an edge will tell of what comes.
    this.#unread = count > 0 && (count === buffer.length || this.#ending);
    if (count === 0) {
      this.#peerClosed = true;
      // Its error was taken off the socket, which looks like an orderly end since.
      if (this.reset !== null) throw this.reset;
    }
    return count;
  }

  /** Whether the peer has said something that was not read, or its end, as far as events have told. */
  get hasUnread(): boolean {
    return this.#unread;
  }

  /** Whether the peer has said nothing that was not read, and stands there still. Not while events are told. */
  isQuiet(): boolean {
    reactor.refresh();
    return !this.hasUnread;
  }

  /** Leaves the rest for the next look: others want to be read too. Whoever took more than it read says that it has some. */
  goOn(hasSome = false): void {
    if (this.#unread || hasSome) reactor.goOn(this);
  }

  /** Nothing is awaited any more, until something is sent. It holds up no end of the process then. */
  rest(): void {
    if (!this.#awaits) return;
    this.#awaits = false;
    reactor.rest();
  }

  /**
   * Ends the connection at once, with a reset, for the reason given in dial.ts. Where the peer has closed first, the
   * wait is its own, and a close is enough. Can be called again.
   */
  end(): void {
    if (this.ended) return;
    this.rest();
    this.onEvent = () => {};
    const descriptor = this.#descriptor;
    this.#descriptor = -1;
    const resets = !this.#connecting && !this.#peerClosed && this.error === null;
    if (resets && this.#kind !== null && keepSpare(descriptor, this.#kind)) return;
    reactor.unwatch(descriptor);
    if (resets) setsockopt(descriptor, levelSocket, optionLinger, noLinger, noLinger.length);
    closeDescriptor(descriptor);
  }

  /** Hands over the descriptor of a connection that stands, for the caller to close. */
  release(): number {
    const descriptor = this.#descriptor;
    this.rest();
    this.onEvent = () => {};
    reactor.unwatch(descriptor);
    reactor.detach(descriptor);
    handOver(descriptor);
    this.#descriptor = -1;
    return descriptor;
  }

  #flush(bytes: Uint8Array): void {
    const sent = send(this.#descriptor, bytes, bytes.length, noSignal);
    const code = sent < 0 ? errorCode() : null;
    if (code === null || code === 'EAGAIN') {
      // A copy: the memory may be used anew.
      this.#unsent = sent < bytes.length ? new Uint8Array(bytes.subarray(Math.max(sent, 0))) : null;
      return;
    }
    // The peer can have answered before it closed: what is read comes first.
    this.#unsent = null;
    this.#sendFailure = errorOf(code);
    this.#unread = true;
    this.#ending = true;
    reactor.goOn(this);
  }

  /**
   * It has failed to connect, or was connected and reset before anybody looked. The kernel tells the two apart
   * (tcp_reset() in net/ipv4/tcp_input.c): a reset in answer to a SYN is ECONNREFUSED, that of a connection which stood
   * is ECONNRESET, or EPIPE where the peer had closed its side before.
   */
  #fail(): void {
    const number = takePendingError(this.#descriptor);
    const error = errorOf(number === 0 ? 'ECONNRESET' : errorName(number));
    if (number !== 0 && isReset(error)) this.reset = error;
    else this.error = error;
  }
}
