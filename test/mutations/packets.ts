/** Protocols that come in packets: what their servers say, and how it is taken apart. */

/** MySQL: length in three bytes, number, payload. */
export function mysqlPacket(number: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUIntLE(payload.length, 0, 3);
  head[3] = number;
  return Buffer.concat([head, payload]);
}

/** The payloads of those that are whole. */
export function mysqlPayloads(said: Buffer): Buffer[] {
  const payloads: Buffer[] = [];
  for (let at = 0; at + 4 <= said.length; ) {
    const end = at + 4 + said.readUIntLE(at, 3);
    if (end > said.length) break;
    payloads.push(said.subarray(at + 4, end));
    at = end;
  }
  return payloads;
}

/** PostgreSQL: type, length with itself, payload. */
export function pgsqlMessage(type: string, payload: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(payload.length + 4);
  return Buffer.concat([Buffer.from(type), length, payload]);
}

/** The types and payloads of those that are whole. */
export function pgsqlMessages(said: Buffer): [type: string, payload: Buffer][] {
  const messages: [string, Buffer][] = [];
  for (let at = 0; at + 5 <= said.length; ) {
    const end = at + 1 + Math.max(4, said.readUInt32BE(at + 1));
    if (end > said.length) break;
    messages.push([said.toString('latin1', at, at + 1), said.subarray(at + 5, end)]);
    at = end;
  }
  return messages;
}

const column = (name: string) =>
  Buffer.concat([
    Buffer.from([3]),
    Buffer.from('def'),
    Buffer.from([0, 0, 0, name.length]),
    Buffer.from(name),
    Buffer.from([0, 12]),
  ]);

const end = (number: number) => mysqlPacket(number, Buffer.from([0xfe, 0, 0, 2, 0]));

/** HandshakeV10 with what every server can do, and mysql_native_password. */
export const mysqlGreeting = mysqlPacket(
  0,
  Buffer.concat([
    Buffer.from('\x0a8.0.0\0\x01\0\0\x0012345678\0'),
    Buffer.from([0x00, 0xf2, 0x21, 0x02, 0x00, 0x08, 0x00, 21]),
    Buffer.alloc(10),
    Buffer.from('123456789012\0mysql_native_password\0'),
  ]),
);
export const mysqlAccepted = mysqlPacket(2, Buffer.from([0, 0, 0, 2, 0, 0, 0]));
/** One column, one row: 1. */
export const mysqlRow = Buffer.concat([
  mysqlPacket(1, Buffer.from([1])),
  mysqlPacket(2, Buffer.concat([column('n'), Buffer.from([63, 0, 1, 0, 0, 0, 8, 0x81, 0, 0, 0, 0])])),
  end(3),
  mysqlPacket(4, Buffer.from([1, 0x31])),
  end(5),
]);

const idle = pgsqlMessage('Z', Buffer.from('I'));
export const pgsqlAccepted = Buffer.concat([
  pgsqlMessage('R', Buffer.alloc(4)),
  pgsqlMessage('S', Buffer.from('server_version\x0015.4\0')),
  pgsqlMessage('K', Buffer.alloc(8, 1)),
  idle,
]);
/** One column, one row: 1. */
export const pgsqlRow = Buffer.concat([
  pgsqlMessage(
    'T',
    Buffer.concat([
      Buffer.from([0, 1]),
      Buffer.from('n\0'),
      Buffer.from('000000000000000000170004ffffffff0000', 'hex'),
    ]),
  ),
  pgsqlMessage('D', Buffer.concat([Buffer.from([0, 1, 0, 0, 0, 1]), Buffer.from('1')])),
  pgsqlMessage('C', Buffer.from('SELECT 1\0')),
  idle,
]);

/**
 * LDAP (RFC 4511, section 4.1.1): of the messages that are whole, the operations and what follows them up to the end of
 * the message, whatever they say of their own length.
 */
export function ldapOperations(said: Buffer): [operation: number, contents: Buffer][] {
  const operations: [number, Buffer][] = [];
  for (let at = 0; ; ) {
    const message = element(said, at);
    if (message === null || message.tag !== 0x30) return operations;
    at = message.end;
    const id = element(message.contents, 0);
    const [operation, length] = message.contents.subarray(id?.end ?? message.contents.length);
    if (id === null || operation === undefined || length === undefined) continue;
    operations.push([operation, message.contents.subarray(id.end + 2 + (length < 0x80 ? 0 : length & 0x7f))]);
  }
}

/** The resultCode of an LDAPResult. */
export function ldapCode(contents: Buffer): number | null {
  const code = element(contents, 0);
  return code?.tag === 0x0a ? (code.contents.at(-1) ?? null) : null;
}

interface Element {
  readonly tag: number;
  readonly contents: Buffer;
  /** Where the next one begins. */
  readonly end: number;
}

/** Of BER; null where it is not whole. */
function element(said: Buffer, at: number): Element | null {
  const [tag, first] = said.subarray(at);
  if (tag === undefined || first === undefined) return null;
  const more = first < 0x80 ? 0 : first & 0x7f;
  if (more > 4 || at + 2 + more > said.length) return null;
  const length = more === 0 ? first & 0x7f : said.readUIntBE(at + 2, more);
  const from = at + 2 + more;
  return from + length > said.length ? null : { tag, contents: said.subarray(from, from + length), end: from + length };
}
