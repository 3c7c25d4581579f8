/** Structs sockaddr_in and sockaddr_in6 of ip(7) and ipv6(7), to and from what people write. */

import { endianness } from 'node:os';
import { interfaceIndex } from '../../system/libc.js';
import { addressText, addressWords } from '../address.js';

/** Of socket(2). */
export const families = { inet: 2, inet6: 10 } as const;
/** Of the larger one. */
export const addressRoom = 28;
const sizes = { inet: 16, inet6: addressRoom } as const;

const littleEndian = endianness() === 'LE';

export function encodeAddress(address: string, port: number): Uint8Array {
  const words = addressWords(address);
  const family = words.length > 1 ? 'inet6' : 'inet';
  const bytes = new DataView(new ArrayBuffer(sizes[family]));
  bytes.setUint16(0, families[family], littleEndian);
  bytes.setUint16(2, port);
  for (const [index, word] of words.entries()) bytes.setUint32((family === 'inet6' ? 8 : 4) + 4 * index, word);
  const [, zone] = address.split('%');
  if (zone !== undefined) bytes.setUint32(24, interfaceIndex(zone) || Number(zone) || 0, littleEndian);
  return new Uint8Array(bytes.buffer);
}

/** A peer by the bytes that the kernel names it with; its text is made where somebody asks for it. */
export class PeerAddress {
  readonly #bytes: Uint8Array;
  #text: string | null = null;

  /** `bytes` are its own from now on. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Without a zone. */
  get address(): string {
    this.#text ??= addressText(wordsOf(this.#bytes));
    return this.#text;
  }

  get port(): number {
    const [, , high = 0, low = 0] = this.#bytes;
    return high * 256 + low;
  }

  get family(): keyof typeof families {
    return isIpv6(this.#bytes) ? 'inet6' : 'inet';
  }

  /** In network order, as protocols have them. */
  get addressBytes(): Uint8Array {
    return this.family === 'inet6' ? this.#bytes.subarray(8, 24) : this.#bytes.subarray(4, 8);
  }

  get portBytes(): Uint8Array {
    return this.#bytes.subarray(2, 4);
  }

  /** As the kernel takes it. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }
}

function isIpv6(bytes: Uint8Array): boolean {
  return bytes[littleEndian ? 0 : 1] === families.inet6;
}

function wordsOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offsets = isIpv6(bytes) ? [8, 12, 16, 20] : [4];
  return offsets.map((offset) => view.getUint32(offset));
}
