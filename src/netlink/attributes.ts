/** Reads the attributes of a netlink message. Nothing is believed before its length has been checked. */

import { attributeHeader, attributeTypeMask } from './constants.js';

/** A message that breaks the rules of its own format. */
export class MalformedMessage extends Error {
  readonly code = 'EBADMSG';

  constructor(what: string) {
    super(`netlink: malformed message: ${what}`);
  }
}

/**
 * The attributes between two places of a datagram. Of two with one type the later counts, as in the kernel.
 * A getter gives undefined where there is no such attribute, and throws where it is shorter than its type.
 */
export class Attributes {
  readonly #buffer: Buffer;
  /** By type: where the value starts, and its length. */
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];

  constructor(buffer: Buffer, start: number, end: number) {
    this.#buffer = buffer;
    let at = start;
    // What is left at the end and too short for a header is padding, as nla_ok() has it.
    while (end - at >= attributeHeader) {
      const length = buffer.readUInt16LE(at);
      const type = buffer.readUInt16LE(at + 2) & attributeTypeMask;
      if (length < attributeHeader || length > end - at) {
        throw new MalformedMessage(`attribute ${type} of ${length} bytes where ${end - at} are left`);
      }
      // Types come from the peer: one far beyond those known here must not make the arrays huge.
      if (type < highestType) {
        this.#starts[type] = at + attributeHeader;
        this.#lengths[type] = length - attributeHeader;
      }
      at += (length + 3) & ~3;
    }
  }

  u8(type: number): number | undefined {
    const at = this.#find(type, 1);
    return at === undefined ? undefined : this.#buffer.readUInt8(at);
  }

  u16(type: number): number | undefined {
    const at = this.#find(type, 2);
    return at === undefined ? undefined : this.#buffer.readUInt16LE(at);
  }

  u32(type: number): number | undefined {
    const at = this.#find(type, 4);
    return at === undefined ? undefined : this.#buffer.readUInt32LE(at);
  }

  i32(type: number): number | undefined {
    const at = this.#find(type, 4);
    return at === undefined ? undefined : this.#buffer.readInt32LE(at);
  }

  u64(type: number): bigint | undefined {
    const at = this.#find(type, 8);
    return at === undefined ? undefined : this.#buffer.readBigUInt64LE(at);
  }

  networkU16(type: number): number | undefined {
    const at = this.#find(type, 2);
    return at === undefined ? undefined : this.#buffer.readUInt16BE(at);
  }

  networkU32(type: number): number | undefined {
    const at = this.#find(type, 4);
    return at === undefined ? undefined : this.#buffer.readUInt32BE(at);
  }

  /** At least so many bytes; a view into the datagram, not to be kept. */
  bytes(type: number, length: number): Buffer | undefined {
    const at = this.#find(type, length);
    return at === undefined ? undefined : this.#buffer.subarray(at, at + length);
  }

  /** Up to the first zero byte, where there is one. */
  string(type: number): string | undefined {
    const at = this.#find(type, 0);
    if (at === undefined) return undefined;
    const end = at + (this.#lengths[type] ?? 0);
    const zero = this.#buffer.indexOf(0, at);
    return this.#buffer.toString('latin1', at, zero < 0 || zero > end ? end : zero);
  }

  nested(type: number): Attributes | undefined {
    const at = this.#find(type, 0);
    return at === undefined ? undefined : new Attributes(this.#buffer, at, at + (this.#lengths[type] ?? 0));
  }

  #find(type: number, least: number): number | undefined {
    const length = this.#lengths[type];
    if (length !== undefined && length < least) {
      throw new MalformedMessage(`attribute ${type} has ${length} bytes, not ${least}`);
    }
    return this.#starts[type];
  }
}

/** Above every attribute that is read here. */
const highestType = 64;

/** The value, or an error that names what the message lacks. */
export function requireValue<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new MalformedMessage(`no ${what}`);
  return value;
}
