/** An LDAP server (RFC 4511), byte by byte. */

import type { Duplex } from 'node:stream';

/** A message as in section 4.1.1. */
function ldapMessage(id: number, operation: number, ...parts: readonly Buffer[]): Buffer {
  return ber(0x30, ber(0x02, Buffer.from([id])), ber(operation, ...parts));
}

function ber(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, 0x82, body.length >> 8, body.length & 0xff]), body]);
}

const octets = (said: string) => ber(0x04, Buffer.from(said));

/** The parts of an LDAPResult. */
const ldapResult = (code: number, said = '') => [ber(0x0a, Buffer.from([code])), octets(''), octets(said)];

export interface Directory {
  /** Result codes. */
  readonly bind?: number;
  readonly search?: number;
  /** Names of what is found. */
  readonly entries?: readonly string[];
}

/** Answers binds and searches with the ids that it is asked with. */
export function directory({
  bind = 0,
  search = 0,
  entries = ['dc=example'],
}: Directory = {}): (connection: Duplex) => void {
  return (connection) => {
    connection.on('data', (data: Buffer) => {
      // SEQUENCE, its length, INTEGER of one byte, then the operation.
      const at = (data[1] ?? 0) < 0x80 ? 2 : 2 + ((data[1] ?? 0) & 0x7f);
      const [id = 0, operation = 0] = [data[at + 2], data[at + 3]];
      const attributes = ber(0x30, ber(0x30, octets('dc'), ber(0x31, octets('example'))));
      if (operation === 0x60) connection.write(ldapMessage(id, 0x61, ...ldapResult(bind)));
      if (operation === 0x63) {
        const found = entries.map((name) => ldapMessage(id, 0x64, octets(name), attributes));
        connection.write(Buffer.concat([...found, ldapMessage(id, 0x65, ...ldapResult(search))]));
      }
    });
  };
}
