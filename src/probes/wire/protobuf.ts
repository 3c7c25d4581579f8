/** The fields of a message in the wire format of Protocol Buffers. */

export interface Field {
  readonly number: number;
  /** Of a varint; null where the field is of another type. */
  readonly value: bigint | null;
}

/** Ten groups of seven bits hold 64. */
const longestVarint = 10;
const types = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** In order; null where the bytes are no such message. */
export function fieldsOf(message: Uint8Array): readonly Field[] | null {
  const fields: Field[] = [];
  for (let at = 0; at < message.length; ) {
    const tag = varintAt(message, at);
    if (tag === null) return null;
    const number = Number(tag.value >> 3n);
    const type = Number(tag.value & 7n);
    const content = varintAt(message, tag.end);
    const end = endOf(type, tag.end, content);
    if (number === 0 || end === null || end > message.length) return null;
    fields.push({ number, value: type === types.varint && content !== null ? content.value : null });
    at = end;
  }
  return fields;
}

function endOf(type: number, start: number, content: Varint | null): number | null {
  switch (type) {
    case types.varint:
      return content === null ? null : content.end;
    case types.fixed64:
      return start + 8;
    case types.bytes:
      return content === null ? null : content.end + Number(content.value);
    case types.fixed32:
      return start + 4;
    default:
      return null;
  }
}

interface Varint {
  readonly value: bigint;
  readonly end: number;
}

function varintAt(message: Uint8Array, start: number): Varint | null {
  let value = 0n;
  for (let length = 0; length < longestVarint; length += 1) {
    const byte = message[start + length];
    if (byte === undefined) return null;
    value |= BigInt(byte & 0x7f) << BigInt(7 * length);
    if (byte < 0x80) return { value, end: start + length + 1 };
  }
  return null;
}
