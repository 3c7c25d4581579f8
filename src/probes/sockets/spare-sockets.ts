/**
 * Sockets whose connection is over, for the next ones: to open a socket, to watch it and to close it again takes the
 * kernel a quarter of the time that all else of a check takes it.
 */

import { closeDescriptor } from '../../system/held-descriptors.js';
import { connect, takePendingError } from '../../system/libc.js';
import { keepingBound } from '../keeping.js';
import { atRelease } from '../release.js';
import { families } from './host-address.js';
import { reactor } from './reactor.js';

/** A struct sockaddr of AF_UNSPEC, which dissolves the association: connect(2). */
const unspecified = new Uint8Array(16);

/** Descriptors by family, the latest at the end. */
const spares = new Map<number, number[]>(Object.values(families).map((family) => [family, []]));

/** A socket that hangs on the reactor, as good as new; null where there is none. */
export function takeSpare(family: number): number | null {
  return spares.get(family)?.pop() ?? null;
}

/**
 * Takes over a TCP socket that is connected, has no options of its own and hangs on the reactor; the connection ends
 * with a reset. False where it cannot: then the socket stays the caller's.
 */
export function keepSpare(descriptor: number, family: number): boolean {
  const ofFamily = spares.get(family);
  if (ofFamily === undefined || ofFamily.length >= keepingBound().spareSockets) return false;
  if (connect(descriptor, unspecified, unspecified.length) < 0) return false;
  // The kernel leaves ECONNRESET behind, and would tell it of the next connection.
  takePendingError(descriptor);
  reactor.park(descriptor);
  ofFamily.push(descriptor);
  return true;
}

function closeSpares(): void {
  for (const ofFamily of spares.values()) {
    for (const descriptor of ofFamily.splice(0)) {
      reactor.unwatch(descriptor);
      closeDescriptor(descriptor);
    }
  }
}

atRelease(closeSpares);
