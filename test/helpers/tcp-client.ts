/** A TCP client that reads lines and notes how its connection ended. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { within } from './deadline.js';

export class TcpClient {
  readonly socket: Socket;
  /** `end`, or the code of the error. */
  readonly #ending: Promise<string>;
  /** Put together only where a line is looked for: to do so at each chunk takes seconds for megabytes. */
  readonly #received: Buffer[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    this.#ending = new Promise((resolve) => {
      const fail = (error: Error) => resolve('code' in error ? String(error.code) : error.message);
      socket.on('error', fail);
      socket.on('end', () => {
        // libuv reports a reset that arrives together with data as an end; an empty write tells the two apart.
        if (socket.writableEnded) resolve('end');
        else socket.write('', (error) => (error ? fail(error) : resolve('end')));
      });
      socket.on('close', () => resolve('closed'));
    });
    socket.on('data', (chunk) => {
      this.#received.push(chunk);
      socket.emit('received');
    });
  }

  /** The next line; rejects where the connection ends before there is one. */
  async line(): Promise<string> {
    for (;;) {
      const received = Buffer.concat(this.#received.splice(0));
      const end = received.indexOf('\n');
      this.#received.push(end === -1 ? received : received.subarray(end + 1));
      if (end !== -1) return received.subarray(0, end).toString();
      const ending = await within(
        'a line',
        Promise.race([this.#ending, once(this.socket, 'received').then(() => null)]),
      );
      if (ending !== null && !this.#received.some((chunk) => chunk.includes('\n')))
        throw new Error(`connection ended first: ${ending}`);
    }
  }

  /** How the connection ends: `end` for an orderly end, otherwise the code of the error. */
  ending(): Promise<string> {
    return within('the end of a connection', this.#ending);
  }

  close(): void {
    this.socket.destroy();
  }
}

export interface DialOptions {
  readonly localAddress?: string;
}

/** Connects; rejects where that fails. The socket may be half open. */
export async function dial(address: string, port: number, options: DialOptions = {}): Promise<TcpClient> {
  const socket = connect({ host: address, port, allowHalfOpen: true, ...options });
  await within(`a connection to ${address}:${port}`, once(socket, 'connect'));
  return new TcpClient(socket);
}
