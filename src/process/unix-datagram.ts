/** Sends datagrams to a Unix socket, as syslog and service managers take them: see unix(7). */

import { endianness } from 'node:os';
import { close, closeOnExec, errorCode, nonBlocking, sendto, socket, systemError } from '../system/libc.js';

export const familyUnix = 1;
const typeDatagram = 2;
/** send(2): no waiting, and no SIGPIPE. */
export const dontWait = 0x40;
export const noSignal = 0x4000;
/** Bytes of sun_path. */
const pathSize = 108;

export class UnixDatagramSocket {
  readonly #address: Uint8Array;
  #descriptor: number;

  private constructor(address: Uint8Array, descriptor: number) {
    this.#address = address;
    this.#descriptor = descriptor;
  }

  /**
   * `path` is a file, or with a leading `@` a name in the abstract name space. Nobody needs to listen yet, and who
   * listens may go and come back: each datagram looks the path up. Throws where the path is too long (107 bytes) or
   * the process is out of descriptors.
   */
  static open(path: string): UnixDatagramSocket {
    const address = socketAddress(path);
    const descriptor = socket(familyUnix, typeDatagram | nonBlocking | closeOnExec, 0);
    if (descriptor < 0) throw systemError('socket', path);
    return new UnixDatagramSocket(address, descriptor);
  }

  /**
   * One datagram, at once or not at all. Null when it was sent; otherwise the error's name: `EAGAIN` where the
   * receiver's queue is full, `ECONNREFUSED` or `ENOENT` where nobody listens, `EMSGSIZE` where it is too long.
   */
  send(data: string | Uint8Array): string | null {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    const sent = sendto(
      this.#descriptor,
      bytes,
      bytes.length,
      dontWait | noSignal,
      this.#address,
      this.#address.length,
    );
    return sent < 0 ? errorCode() : null;
  }

  /** Can be called again; what is sent after it is `EBADF`. */
  close(): void {
    if (this.#descriptor < 0) return;
    close(this.#descriptor);
    this.#descriptor = -1;
  }
}

/** struct sockaddr_un. */
export function socketAddress(path: string): Uint8Array {
  const isAbstract = path.startsWith('@');
  // An abstract name is as long as the address says; the name of a file ends with a zero byte.
  const name = Buffer.from(isAbstract ? `\0${path.slice(1)}` : `${path}\0`);
  if (name.length > pathSize) throw new RangeError(`the path of a socket has at most 107 bytes: '${path}'`);
  const family = Buffer.alloc(2);
  if (endianness() === 'LE') family.writeUInt16LE(familyUnix);
  else family.writeUInt16BE(familyUnix);
  return Buffer.concat([family, name]);
}
