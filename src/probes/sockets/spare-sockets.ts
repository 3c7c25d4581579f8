/**
 * Sockets whose connection is over, for the next ones: to open a socket, to watch it and to close it again takes the
 * kernel a quarter of the time that all else of a check takes it.
 */

import { closeDescriptor } from '../../system/held-descriptors.js';
import { connect } from '../../system/libc.js';
import { keepingBound } from '../keeping.js';
import { atRelease } from '../release.js';
import { reactor } from './reactor.js';

/** A struct sockaddr of AF_UNSPEC, which dissolves the association: connect(2). */
const unspecified = new Uint8Array(16);

/** Which sockets can stand for each other: of one version of IP, and all or none have what acknowledges a connection wait. */
export interface SpareKind {
  /** Descriptors, the latest at the end. */
  readonly descriptors: number[];
  /** The other kind of the same version, with which it shares the room for them. */
  readonly others: readonly number[];
}

function kindsOfVersion(): { readonly deferring: SpareKind; readonly plain: SpareKind } {
  const [deferring, plain]: [number[], number[]] = [[], []];
  return {
    deferring: { descriptors: deferring, others: plain },
    plain: { descriptors: plain, others: deferring },
  };
}

export const spareKinds = { 4: kindsOfVersion(), 6: kindsOfVersion() } as const;

/** A socket that hangs on the reactor, as good as new; null where there is none. */
export function takeSpare({ descriptors }: SpareKind): number | null {
  return descriptors.pop() ?? null;
}

/**
 * Takes over a TCP socket that is connected, has no options of its own and hangs on the reactor; the connection ends
 * with a reset. False where it cannot: then the socket stays the caller's.
 */
export function keepSpare(descriptor: number, { descriptors, others }: SpareKind): boolean {
  if (descriptors.length + others.length >= keepingBound().spareSockets) return false;
  // The kernel leaves ECONNRESET behind, which the next connect(2) takes away (tcp_connect_init() in tcp_output.c).
  if (connect(descriptor, unspecified, unspecified.length) < 0) return false;
  reactor.park(descriptor);
  descriptors.push(descriptor);
  return true;
}

function closeSpares(): void {
  for (const { descriptors } of Object.values(spareKinds).flatMap((kinds) => Object.values(kinds))) {
    for (const descriptor of descriptors.splice(0)) {
      reactor.unwatch(descriptor);
      closeDescriptor(descriptor);
    }
  }
}

atRelease(closeSpares);
