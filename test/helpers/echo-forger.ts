/** Sees the echo requests that arrive on this machine, and answers them: truly, falsely, from anywhere. */

import {
  addressSizes,
  families,
  hostAddressOf,
  type Version,
  writeAddress,
} from '../../src/probes/sockets/host-address.js';
import { bind, close, recv, sendto, socket } from '../../src/system/libc.js';
import { until } from './deadline.js';

const raw = 3;
const nonBlocking = 0o4000;
const protocols = { 4: 1, 6: 58 } as const;
const requestTypes = { 4: 8, 6: 128 } as const;
const replyTypes = { 4: 0, 6: 129 } as const;

export class EchoForger {
  readonly #version: Version;
  readonly #listening: number;

  constructor(version: Version) {
    this.#version = version;
    this.#listening = open(version);
  }

  /** The next request, without the header of IP. */
  async request(): Promise<Buffer> {
    const data = Buffer.alloc(256);
    let found: Buffer | null = null;
    await until('a request arrives', () => {
      for (let size = 1; found === null && size > 0; ) {
        size = recv(this.#listening, data, data.length, 0);
        const start = this.#version === 4 ? ((data[0] ?? 0) & 15) * 4 : 0;
        if (size > 0 && data[start] === requestTypes[this.#version]) found = Buffer.from(data.subarray(start, size));
      }
      return found !== null;
    });
    return found ?? Buffer.alloc(0);
  }

  /** Sends a message of ICMP between two addresses of this machine. */
  send(message: Uint8Array, from: string, to: string): void {
    const sending = open(this.#version);
    const source = addressOf(from);
    const target = addressOf(to);
    if (bind(sending, source, source.length) !== 0) throw new Error(`cannot send as ${from}`);
    if (sendto(sending, message, message.length, 0, target, target.length) < 0) throw new Error(`cannot send to ${to}`);
    close(sending);
  }

  /** What a host answers to the request. */
  reply(request: Buffer): Buffer {
    return withChecksum(Buffer.concat([Buffer.from([replyTypes[this.#version]]), request.subarray(1)]));
  }

  close(): void {
    close(this.#listening);
  }
}

/** RFC 1071; the kernel computes that of version 6 by itself. */
export function withChecksum(message: Buffer): Buffer {
  const sealed = Buffer.from(message);
  sealed.writeUInt16BE(0, 2);
  let sum = 0;
  for (let at = 0; at < sealed.length; at += 2) sum += sealed.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum >>> 16) + (sum & 0xffff);
  sealed.writeUInt16BE(~sum & 0xffff, 2);
  return sealed;
}

function open(version: Version): number {
  const descriptor = socket(families[version], raw | nonBlocking, protocols[version]);
  if (descriptor < 0) throw new Error('no permission for a raw socket');
  return descriptor;
}

function addressOf(text: string): Uint8Array {
  const target = hostAddressOf(text);
  if (target === null) throw new Error(`${text} is no address`);
  const place = new DataView(new ArrayBuffer(addressSizes[target.version]));
  writeAddress(place, target);
  return new Uint8Array(place.buffer);
}
