/** One TCP connection between a client and the destination chosen for it. */

import { connect, type Socket } from 'node:net';
import { errorName, takePendingError } from '../../system/libc.js';
import type { DestinationIdentity } from '../table.js';
import { Lease } from './lease.js';
import type { Limits } from './limits.js';
import type { DestinationPool } from './pool.js';
import type { Client } from './schedulers/scheduler.js';

/** What connections of one service share. */
export interface Forwarding {
  readonly pool: DestinationPool;
  readonly limits: Limits;
  readonly onConnectError: (destination: DestinationIdentity, error: NodeJS.ErrnoException) => void;
}

/**
 * Forwards a connection just accepted and still paused. A destination that refuses, or does not answer in time,
 * is not replaced by another: the client is reset, as with the kernel's table, and the checks take the destination
 * out. Without a destination the client is reset at once.
 */
export function forward(client: Socket, from: Client, { pool, limits, onConnectError }: Forwarding): void {
  const choice = pool.choose(from);
  if (!choice) {
    client.on('error', () => {});
    reset(client);
    return;
  }
  const { address, port } = choice.destination;
  const server = connect({ host: address, port, allowHalfOpen: true, noDelay: true });
  const abort = () => {
    reset(client);
    reset(server);
  };
  const lease = new Lease(choice, 'active', abort);
  const deactivate = () => lease.deactivate();
  let open = 2;
  const closed = () => {
    open--;
    if (open === 0) lease.release();
  };
  for (const socket of [client, server]) {
    socket.on('error', abort);
    socket.on('timeout', abort);
    socket.on('close', closed);
    socket.on('end', deactivate);
  }
  server.setTimeout(limits.connectTimeout);
  const tell = (error: Error) => onConnectError({ address, port }, error);
  server.once('error', tell);
  server.on('connect', () => {
    server.off('error', tell);
    // On both, since one may be closed while the other still waits to be rid of its last bytes.
    client.setTimeout(limits.tcpIdle);
    server.setTimeout(limits.tcpIdle);
    stream(client, server, abort);
    stream(server, client, abort);
  });
}

/**
 * Copies one direction, with its end. libuv reports a reset that arrives together with data as an ordinary end, and
 * only the socket's own error tells the two apart. A reset passed on as an end would make a cut answer look whole.
 */
function stream(from: Socket, to: Socket, abort: () => void): void {
  from.pipe(to, { end: false });
  from.on('end', () => {
    if (wasReset(from)) abort();
    else to.end();
  });
}

/** Of a socket that has come to its end. A reset that came after the peer's own end is EPIPE, and cuts nothing off. */
function wasReset(socket: Socket): boolean {
  // Node has no public name for the descriptor of a socket.
  const { _handle: handle } = socket as Socket & { readonly _handle?: { readonly fd?: number } | null };
  if (handle?.fd === undefined) return false;
  const error = takePendingError(handle.fd);
  return error !== 0 && errorName(error) !== 'EPIPE';
}

/**
 * Ends a socket so that the peer sees a reset. While still connecting there is no peer that could; and while our end
 * is being sent, after the last byte, libuv refuses to reset, and Node would leave the descriptor open for good.
 */
function reset(socket: Socket): void {
  const ending = socket.writableEnded && socket.writableLength === 0 && !socket.writableFinished;
  if (socket.connecting || ending) socket.destroy();
  else socket.resetAndDestroy();
}
