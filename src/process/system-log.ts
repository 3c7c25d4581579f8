/** Sends lines to the system's log as syslog(3) does: datagrams, or a stream where its daemon listens for one. */

import { close, closeOnExec, connect, errorCode, nonBlocking, send, socket } from '../system/libc.js';
import { dontWait, familyUnix, noSignal, socketAddress, UnixDatagramSocket } from './unix-datagram.js';

const typeStream = 1;

/** A record that has gone out in part, since the receiver's buffer was full. */
interface Begun {
  readonly line: string;
  readonly rest: Uint8Array;
}

export class SystemLog {
  readonly #datagrams: UnixDatagramSocket;
  readonly #address: Uint8Array;
  /** Negative where there is no connection. */
  #stream = -1;
  #begun: Begun | null = null;

  private constructor(path: string) {
    this.#datagrams = UnixDatagramSocket.open(path);
    this.#address = socketAddress(path);
  }

  /** As UnixDatagramSocket.open. */
  static open(path: string): SystemLog {
    return new SystemLog(path);
  }

  /** One line, at once or not at all. Null when it was sent; otherwise the error's name, and it is to be sent again. */
  send(line: string): string | null {
    if (this.#stream < 0) {
      const trouble = this.#datagrams.send(line);
      if (trouble !== 'EPROTOTYPE') return trouble;
      return this.#connect() ?? this.#sendRecord(line);
    }
    return this.#sendRecord(line);
  }

  /** Can be called again. */
  close(): void {
    this.#datagrams.close();
    this.#disconnect();
  }

  #connect(): string | null {
    this.#stream = socket(familyUnix, typeStream | nonBlocking | closeOnExec, 0);
    if (this.#stream < 0) return errorCode();
    if (connect(this.#stream, this.#address, this.#address.length) === 0) return null;
    const trouble = errorCode();
    this.#disconnect();
    return trouble;
  }

  #sendRecord(line: string): string | null {
    // Another line than the one that was begun: its place has changed, and the receiver still waits for the rest.
    if (this.#begun !== null && this.#begun.line !== line) {
      const trouble = this.#sendRest(this.#begun);
      if (trouble !== null) return trouble;
    }
    // A zero byte ends a record on a stream, as glibc's syslog(3) sends it.
    return this.#sendRest(this.#begun ?? { line, rest: Buffer.from(`${line}\0`) });
  }

  #sendRest({ line, rest }: Begun): string | null {
    const sent = send(this.#stream, rest, rest.length, dontWait | noSignal);
    if (sent === rest.length) {
      this.#begun = null;
      return null;
    }
    const trouble = sent < 0 ? errorCode() : 'EAGAIN';
    if (trouble === 'EAGAIN') this.#begun = { line, rest: rest.subarray(Math.max(0, sent)) };
    else this.#disconnect();
    return trouble;
  }

  #disconnect(): void {
    if (this.#stream >= 0) close(this.#stream);
    this.#stream = -1;
    this.#begun = null;
  }
}
