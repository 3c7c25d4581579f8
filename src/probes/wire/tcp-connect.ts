/** Connecting a socket of our own. */

import type { Route } from '../probe.js';
import { failureOf, ProbeFailure } from './failure.js';
import { type SocketAddress, socketAddress } from './socket-address.js';
import { TcpSocket } from './tcp-socket.js';

/** Where to connect to; a Target is one. */
export interface Endpoint {
  /** A literal address: a check never waits for a name server. */
  readonly address: string;
  readonly port: number;
  readonly route: Route;
}

/** Targets last as long as their checks. */
const addresses = new WeakMap<Endpoint, SocketAddress>();

/** Connects. Rejects with a ProbeFailure, then or when the signal aborts; by then the socket is gone. */
export function connectTo(endpoint: Endpoint, signal: AbortSignal): Promise<TcpSocket> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(failureOf('connect', error, signal));
    if (signal.aborted) {
      fail(signal.reason);
      return;
    }
    try {
      const opened = TcpSocket.open(addressOf(endpoint), endpoint.route);
      const settle = () => {
        signal.removeEventListener('abort', aborted);
        opened.onEvent = () => {};
      };
      const aborted = () => {
        settle();
        opened.end();
        fail(signal.reason);
      };
      signal.addEventListener('abort', aborted);
      opened.onEvent = () => {
        settle();
        if (opened.error === null) {
          resolve(opened);
        } else {
          opened.end();
          fail(opened.error);
        }
      };
    } catch (error) {
      fail(error);
    }
  });
}

function addressOf(endpoint: Endpoint): SocketAddress {
  const known = addresses.get(endpoint);
  if (known !== undefined) return known;
  const found = socketAddress(endpoint.address, endpoint.port);
  if (found === null) throw new ProbeFailure('connect', 'no address to connect to');
  addresses.set(endpoint, found);
  return found;
}
