/**
 * LDAP messages (RFC 4511) as a dialogue brings them. They are read here with the library's reader of BER alone: its
 * own parser of messages never ends on one that is cut short.
 */

import type { BerReader } from 'ldapts';
import { type Phase, ProbeFailure } from '../failure.js';
import type { Dialogue } from './dialogue.js';

/** The library, which is loaded when it is first needed. */
export type Ldapts = typeof import('ldapts');

export interface LdapEntry {
  readonly kind: 'entry';
  readonly id: number;
  readonly dn: string;
  /** Of all attributes. */
  readonly values: readonly string[];
}

/** What has a result. */
export type LdapOperation = 'bind' | 'search' | 'extended';

export interface LdapResult {
  readonly kind: 'result';
  readonly of: LdapOperation;
  /** 0 is a notice from the server that answers nothing. */
  readonly id: number;
  /** Section 4.1.9; 0 is success. */
  readonly code: number;
  readonly text: string;
}

/** A referral to another server, or news in between. */
interface Aside {
  readonly kind: 'aside';
  readonly id: number;
}

const tags = {
  sequence: 0x30,
  set: 0x31,
  bindResponse: 0x61,
  searchEntry: 0x64,
  searchDone: 0x65,
  searchReference: 0x73,
  extendedResponse: 0x78,
  intermediate: 0x79,
  octets: 0x04,
} as const;

/** The next message. Rejects with a ProbeFailure of the phase where it cannot be read. */
export async function readMessage(
  dialogue: Dialogue,
  phase: Phase,
  { BerReader }: Ldapts,
): Promise<LdapEntry | LdapResult | Aside> {
  const body = await readBody(dialogue, phase);
  try {
    return parse(new BerReader(body));
  } catch {
    throw new ProbeFailure(phase, 'the answer cannot be read');
  }
}

/** The contents of the sequence that a message is, whose length comes in one byte or in up to four more. */
async function readBody(dialogue: Dialogue, phase: Phase): Promise<Buffer> {
  const [tag = 0, first = 0] = await dialogue.bytes(2, phase);
  const more = first & 0x7f;
  if (tag !== tags.sequence || first === 0x80 || (first > 0x80 && more > 4)) throw new ProbeFailure(phase, 'not LDAP');
  const length = first < 0x80 ? first : (await dialogue.bytes(more, phase)).readUIntBE(0, more);
  return dialogue.bytes(length, phase);
}

function parse(reader: BerReader): LdapEntry | LdapResult | Aside {
  const id = present(reader.readInt());
  const operation = present(reader.readSequence());
  switch (operation) {
    case tags.searchEntry:
      return { kind: 'entry', id, dn: textOf(reader), values: attributes(reader) };
    case tags.bindResponse:
      return resultOf('bind', id, reader);
    case tags.searchDone:
      return resultOf('search', id, reader);
    case tags.extendedResponse:
      return resultOf('extended', id, reader);
    case tags.searchReference:
    case tags.intermediate:
      return { kind: 'aside', id };
    default:
      throw new RangeError(`operation ${operation}`);
  }
}

function resultOf(of: LdapOperation, id: number, reader: BerReader): LdapResult {
  const code = present(reader.readEnumeration());
  // The name of an entry.
  textOf(reader);
  return { kind: 'result', of, id, code, text: textOf(reader) };
}

function attributes(reader: BerReader): string[] {
  present(reader.readSequence(tags.sequence));
  const end = reader.offset + reader.length;
  const values: string[] = [];
  while (reader.offset < end) {
    present(reader.readSequence(tags.sequence));
    // The name of the attribute.
    textOf(reader);
    present(reader.readSequence(tags.set));
    const last = reader.offset + reader.length;
    while (reader.offset < last) values.push(textOf(reader));
  }
  return values;
}

function textOf(reader: BerReader): string {
  return present(reader.readString(tags.octets));
}

/** The reader gives null, and stays where it is, where there is less than it is asked for. */
function present<T>(read: T | null): T {
  if (read === null) throw new RangeError('cut short');
  return read;
}

/** Section 4.1.9 and appendix A. */
const names: Readonly<Record<number, string>> = {
  1: 'operations error',
  2: 'protocol error',
  3: 'time limit exceeded',
  8: 'stronger authentication required',
  10: 'referral',
  11: 'administrative limit exceeded',
  13: 'confidentiality required',
  32: 'no such object',
  34: 'invalid DN syntax',
  48: 'inappropriate authentication',
  49: 'invalid credentials',
  50: 'insufficient access rights',
  51: 'busy',
  52: 'unavailable',
  53: 'unwilling to perform',
};

/** `invalid credentials (49)`. */
export function resultName(code: number): string {
  return `${names[code] ?? 'failed'} (${code})`;
}
