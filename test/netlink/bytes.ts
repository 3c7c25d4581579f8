/** Bytes as the kernel's headers lay them out, written down independently of the code under test. */

/** From text like `08 00 | 01 00`: what is no hexadecimal digit only separates. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replace(/[^0-9a-f]/gi, ''), 'hex');
}

/** An attribute with its padding. */
export function attribute(type: number, value: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(4 + value.length, 0);
  head.writeUInt16LE(type, 2);
  return Buffer.concat([head, value, Buffer.alloc(-value.length & 3)]);
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function i32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

export interface Header {
  readonly type: number;
  readonly flags?: number;
  readonly sequence: number;
}

/** A message with its padding. */
export function message({ type, flags = 0, sequence }: Header, ...payload: Uint8Array[]): Buffer {
  const body = Buffer.concat(payload);
  const head = Buffer.alloc(16);
  head.writeUInt32LE(16 + body.length, 0);
  head.writeUInt16LE(type, 4);
  head.writeUInt16LE(flags, 6);
  head.writeUInt32LE(sequence, 8);
  return Buffer.concat([head, body, Buffer.alloc(-body.length & 3)]);
}

/** A message of a generic family: the command, a version and two bytes of nothing come first. */
export function generic(header: Header, command: number, ...attributes: Uint8Array[]): Buffer {
  return message(header, Buffer.from([command, 1, 0, 0]), ...attributes);
}

/** An NLMSG_ERROR that answers this request; 0 is success. With `text` it is an extended acknowledgement. */
export function ack(request: Uint8Array, errno = 0, text?: string): Buffer {
  const original = Buffer.from(request);
  const sequence = original.readUInt32LE(8);
  const quoted = errno === 0 ? original.subarray(0, 16) : original;
  const extended = text === undefined ? [] : [attribute(1, Buffer.from(`${text}\0`))];
  const flags = (errno === 0 ? 0x100 : 0) | (text === undefined ? 0 : 0x200);
  return message({ type: 2, flags, sequence }, i32(-errno), quoted, ...extended);
}

/** An NLMSG_DONE. */
export function done(sequence: number, errno = 0): Buffer {
  return message({ type: 3, flags: 2, sequence }, i32(-errno));
}

/** The messages that a datagram is made of, each with its own bytes. */
export function split(bytes: Uint8Array): Buffer[] {
  const buffer = Buffer.from(bytes);
  const messages: Buffer[] = [];
  for (let at = 0; at < buffer.length; ) {
    const length = buffer.readUInt32LE(at);
    messages.push(buffer.subarray(at, at + length));
    at += (length + 3) & ~3;
  }
  return messages;
}
