/** Writes netlink messages one after another into one buffer that is used again and again. */

import { attributeHeader, messageHeader, nested } from './constants.js';

export interface MessageHead {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
}

/**
 * Numbers are in the order of the machine's bytes, which is little-endian wherever this runs (the connection
 * sees to it), unless the name says otherwise. Everything starts at a multiple of four bytes. A value that
 * does not fit its attribute or the buffer is a RangeError.
 */
export class MessageWriter {
  readonly #buffer: Buffer;
  #end = 0;
  #message = 0;

  /** Bytes. */
  constructor(size: number) {
    this.#buffer = Buffer.alloc(size);
  }

  /** What was written since the last clear; valid until the next. */
  get written(): Buffer {
    return this.#buffer.subarray(0, this.#end);
  }

  /** Bytes of it. */
  get length(): number {
    return this.#end;
  }

  clear(): void {
    this.#end = 0;
  }

  /** Begins a message, whose family's own header is bytes of a multiple of four; `end` completes it. */
  begin({ type, flags, sequence }: MessageHead, header: readonly number[]): void {
    this.#message = this.#end;
    const at = this.#take(messageHeader + header.length);
    this.#buffer.writeUInt16LE(type, at + 4);
    this.#buffer.writeUInt16LE(flags, at + 6);
    this.#buffer.writeUInt32LE(sequence, at + 8);
    // Port 0 lets the kernel fill in the socket's own.
    this.#buffer.writeUInt32LE(0, at + 12);
    for (let index = 0; index < header.length; index += 1) {
      this.#buffer.writeUInt8(header[index] ?? 0, at + messageHeader + index);
    }
  }

  end(): void {
    this.#buffer.writeUInt32LE(this.#end - this.#message, this.#message);
  }

  /** Begins an attribute of attributes, which `unnest` completes with what this returned. */
  nest(type: number): number {
    const at = this.#take(attributeHeader);
    this.#buffer.writeUInt16LE(type | nested, at + 2);
    return at;
  }

  unnest(at: number): void {
    this.#buffer.writeUInt16LE(this.#end - at, at);
  }

  u8(type: number, value: number): void {
    this.#buffer.writeUInt8(value, this.#attribute(type, 1));
  }

  u16(type: number, value: number): void {
    this.#buffer.writeUInt16LE(value, this.#attribute(type, 2));
  }

  u32(type: number, value: number): void {
    this.#buffer.writeUInt32LE(value, this.#attribute(type, 4));
  }

  i32(type: number, value: number): void {
    this.#buffer.writeInt32LE(value, this.#attribute(type, 4));
  }

  /** In the network's order of bytes. */
  networkU16(type: number, value: number): void {
    this.#buffer.writeUInt16BE(value, this.#attribute(type, 2));
  }

  /** Unsigned words in the network's order of bytes, with zeros up to `size` bytes. */
  networkWords(type: number, words: readonly number[], size: number): void {
    const at = this.#attribute(type, size);
    words.forEach((word, index) => {
      this.#buffer.writeUInt32BE(word, at + 4 * index);
    });
  }

  /** Numbers in one attribute, as the structs of the kernel's interface have them. */
  u32s(type: number, values: readonly number[]): void {
    const at = this.#attribute(type, 4 * values.length);
    for (const [index, value] of values.entries()) this.#buffer.writeUInt32LE(value, at + 4 * index);
  }

  /** ASCII with a closing zero. */
  string(type: number, text: string): void {
    const at = this.#attribute(type, text.length + 1);
    this.#buffer.write(text, at, 'latin1');
  }

  /** The place of the value of a new attribute, whose bytes are all zero. */
  #attribute(type: number, length: number): number {
    const at = this.#take(attributeHeader + length);
    this.#buffer.writeUInt16LE(attributeHeader + length, at);
    this.#buffer.writeUInt16LE(type, at + 2);
    return at + attributeHeader;
  }

  #take(length: number): number {
    const at = this.#end;
    const end = at + ((length + 3) & ~3);
    if (end > this.#buffer.length) throw new RangeError(`netlink: ${length} bytes more do not fit the send buffer`);
    this.#buffer.fill(0, at, end);
    this.#end = end;
    return at;
  }
}

/** Whether it is an integer that so many bits hold. */
export function isUnsigned(number: number, bits: number): boolean {
  return Number.isInteger(number) && number >= 0 && number < 2 ** bits;
}
