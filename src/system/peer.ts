/** Who is at the other end of a Unix socket, as the kernel says. */

import type { Socket } from 'node:net';
import { peerUser } from './libc.js';

/** The number of the user who connected; null where the kernel does not say. */
export function peerOf(socket: Socket): number | null {
  // Node has no public name for the descriptor of a socket.
  const { _handle: handle } = socket as Socket & { readonly _handle?: { readonly fd?: number } | null };
  return handle?.fd === undefined || handle.fd < 0 ? null : peerUser(handle.fd);
}
