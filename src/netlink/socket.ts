/** A socket of netlink: datagrams to the kernel and from it. */

import { endianness } from 'node:os';
import { setOptions } from './options.js';
import { Overruns } from './overruns.js';

/**
 * What comes from a socket. After an error the socket is of no more use and has to be closed, but for ENOBUFS of one that
 * listens: the kernel has dropped some for want of room, and goes on with the next.
 */
export interface SocketEvents {
  /** `port` is the sender's: 0 is the kernel. The bytes may be cut off at the size asked for. */
  message(bytes: Buffer, port: number): void;
  error(error: Error): void;
}

/** In bytes. */
export interface SocketLimits {
  /** What the kernel keeps of answers before it drops further ones. */
  readonly receiveBuffer: number;
  /** What the kernel takes at once. */
  readonly largestSend: number;
}

export interface NetlinkSocket extends SocketLimits {
  /** The bytes must stay as they are until the kernel has answered. Throws where the socket is closed. */
  send(bytes: Uint8Array): void;
  /** Nothing is delivered afterwards. May be called twice. */
  close(): void;
}

/** Rejects where there is no netlink. `largestDatagram` is in bytes. */
export type OpenSocket = (events: SocketEvents, largestDatagram: number) => Promise<NetlinkSocket>;

/**
 * Of a protocol of netlink(7), with its notifications to these groups. Does not keep the process alive: whoever waits for
 * an answer has a deadline that does.
 */
export function socketsOf(protocol: number, groups: readonly number[] = []): OpenSocket {
  return (events, largestDatagram) => openSocket(protocol, groups, events, largestDatagram);
}

async function openSocket(
  protocol: number,
  groups: readonly number[],
  events: SocketEvents,
  largestDatagram: number,
): Promise<NetlinkSocket> {
  if (endianness() !== 'LE') throw new Error('netlink: only little-endian machines are supported');
  // The package loads its native part when it is imported, which must not stop those who never need it.
  const { RawNetlinkSocket } = await import('netlink');
  const socket = new RawNetlinkSocket(protocol, { messagePeeking: false, msgBufferSize: largestDatagram });
  socket.unref();
  let closed = false;
  const fail = (error: Error): void => {
    if (!closed) events.error(error);
  };
  const overrun = (): void => fail(Object.assign(new Error('the kernel dropped notifications'), { code: 'ENOBUFS' }));
  const { port: own } = socket.address();
  const overruns = groups.length === 0 ? null : new Overruns(protocol, own, overrun);
  const receive = (bytes: Buffer, { port }: { readonly port: number }): void => {
    overruns?.note();
    if (!closed) events.message(bytes, port);
  };
  const close = (): void => {
    if (closed) return;
    closed = true;
    overruns?.close();
    // The package must not be closed while it delivers: it goes on with a watcher that is gone, and crashes.
    setImmediate(() => socket.close());
  };
  socket.on('message', receive);
  socket.on('truncatedMessage', receive);
  socket.on('error', fail);
  try {
    await setOptions(protocol, own);
    for (const group of groups) socket.addMembership(group);
    const receiveBuffer = socket.getRecvBufferSize();
    // netlink_sendmsg() keeps 32 bytes of the send buffer for itself and answers EMSGSIZE to more.
    const largestSend = socket.getSendBufferSize() - 32;
    const send = (bytes: Uint8Array): void => socket.send(bytes, undefined, (error) => error && fail(error));
    return { receiveBuffer, largestSend, send, close };
  } catch (error) {
    close();
    throw error;
  }
}
