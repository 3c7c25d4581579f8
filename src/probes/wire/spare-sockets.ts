/**
 * Sockets whose connection is over, for the next ones: to open a socket, to watch it and to close it again takes the
 * kernel a quarter of the time that all else of a check takes it.
 */

import { connect, getsockopt } from '../../libc.js';
import { closeDescriptor } from '../held-descriptors.js';
import { atRelease } from '../release.js';
import { reactor } from './reactor.js';

/** Of each family: as many as begin and end within some milliseconds. */
const bound = 256;
/** Of socket(7). */
const levelSocket = 1;
const optionError = 4;

/** A struct sockaddr of AF_UNSPEC, which dissolves the association: connect(2). */
const unspecified = new Uint8Array(16);
const pending = new Uint8Array(4);
const pendingSize = new Uint32Array([pending.length]);

/** Descriptors by family, the latest at the end. */
const spares = new Map<number, number[]>();

/** A socket that hangs on the reactor, as good as new; null where there is none. */
export function takeSpare(family: number): number | null {
  return spares.get(family)?.pop() ?? null;
}

/**
 * Takes over a TCP socket that is connected, has no options of its own and hangs on the reactor; the connection ends
 * with a reset. False where it cannot: then the socket stays the caller's.
 */
export function keepSpare(descriptor: number, family: number): boolean {
  const known = spares.get(family);
  const ofFamily = known ?? [];
  if (known === undefined) spares.set(family, ofFamily);
  if (ofFamily.length >= bound) return false;
  if (connect(descriptor, unspecified, unspecified.length) < 0) return false;
  // The kernel leaves ECONNRESET behind, and would tell it of the next connection.
  getsockopt(descriptor, levelSocket, optionError, pending, pendingSize);
  reactor.park(descriptor);
  ofFamily.push(descriptor);
  return true;
}

function closeSpares(): void {
  for (const descriptor of [...spares.values()].flat()) {
    reactor.unwatch(descriptor);
    closeDescriptor(descriptor);
  }
  spares.clear();
}

atRelease(closeSpares);
