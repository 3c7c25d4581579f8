/** A kernel in a few lines: takes what is sent and says what the test wants it to say. */

import type { NetlinkSocket, OpenSocket, SocketEvents } from '../../src/netlink/socket.js';
import { ack, attribute, generic, split, u16 } from './bytes.js';

export interface FakeSocket {
  readonly number: number;
  /** A datagram, by default from the kernel; in a later turn, as from a real socket. */
  deliver(bytes: Buffer, port?: number): void;
  fail(code: string): void;
  readonly closed: boolean;
}

export type Kernel = (messages: readonly Buffer[], socket: FakeSocket) => void;

export class FakeKernel {
  readonly sockets: FakeSocket[] = [];
  /** Everything that was sent, a list of messages for each send. */
  readonly sends: (readonly Buffer[])[] = [];
  readonly receiveBuffer: number;
  readonly largestSend: number;
  /** An error to open sockets with, while it is set. */
  refusal: Error | null = null;
  #kernel: Kernel;

  constructor(kernel: Kernel, receiveBuffer = 212_992, largestSend = 212_960) {
    this.#kernel = kernel;
    this.receiveBuffer = receiveBuffer;
    this.largestSend = largestSend;
  }

  /** Takes the place of the one before. */
  behave(kernel: Kernel): void {
    this.#kernel = kernel;
  }

  readonly open: OpenSocket = async (events: SocketEvents): Promise<NetlinkSocket> => {
    if (this.refusal) throw this.refusal;
    let closed = false;
    const socket: FakeSocket = {
      number: this.sockets.length,
      deliver: (bytes, port = 0) =>
        void setImmediate(() => {
          if (!closed) events.message(bytes, port);
        }),
      fail: (code) =>
        void setImmediate(() => {
          if (!closed) events.error(Object.assign(new Error(`it failed with ${code}`), { code }));
        }),
      get closed() {
        return closed;
      },
    };
    this.sockets.push(socket);
    return {
      receiveBuffer: this.receiveBuffer,
      largestSend: this.largestSend,
      send: (bytes) => {
        // The buffer is used again.
        const messages = split(Buffer.from(bytes)).map((message) => Buffer.from(message));
        this.sends.push(messages);
        this.#kernel(messages, socket);
      },
      close: () => {
        closed = true;
      },
    };
  };
}

export const family = 0x25;

export const typeOf = (message: Buffer): number => message.readUInt16LE(4);
export const sequenceOf = (message: Buffer): number => message.readUInt32LE(8);
export const commandOf = (message: Buffer): number => message.readUInt8(16);

/** Answers the question for the family, and leaves the rest to another. */
export function withFamily(kernel: Kernel): Kernel {
  return (messages, socket) => {
    const [first] = messages;
    if (first && typeOf(first) === 0x10) {
      socket.deliver(generic({ type: 0x10, sequence: sequenceOf(first) }, 1, attribute(1, u16(family))));
      socket.deliver(ack(first));
    } else kernel(messages, socket);
  };
}

/** Says yes to everything. */
export const agreeable: Kernel = withFamily((messages, socket) => {
  for (const message of messages) socket.deliver(ack(message));
});
