/** The part of the package `netlink` that is used here; its own types bring those of another Node along. */
declare module 'netlink' {
  import type { EventEmitter } from 'node:events';

  interface MessageInfo {
    /** The sender's netlink port: 0 is the kernel. */
    readonly port: number;
  }

  interface Options {
    /** False reads each datagram into `msgBufferSize` bytes, instead of asking for its size first. */
    readonly messagePeeking: boolean;
    readonly msgBufferSize: number;
  }

  interface Events {
    message: [bytes: Buffer, info: MessageInfo];
    /** What of a larger datagram fitted the buffer. */
    truncatedMessage: [bytes: Buffer, info: MessageInfo];
    error: [error: Error];
    close: [];
  }

  class RawNetlinkSocket extends EventEmitter<Events> {
    constructor(protocol: number, options: Options);
    /** The bytes are not copied: they must stay as they are until the callback. */
    send(bytes: Uint8Array, options: undefined, callback: (error?: Error) => void): void;
    address(): { readonly port: number };
    getRecvBufferSize(): number;
    getSendBufferSize(): number;
    /** Throws where the process may not. */
    addMembership(group: number): void;
    unref(): void;
    close(): void;
  }
}
