/** DNS messages, as far as a check needs them. */

import { type Answer, type DecodedPacket, decode, encode, RECURSION_DESIRED } from 'dns-packet';
import type { DnsType } from '../../model/config.js';
import { ProbeFailure } from '../failure.js';

export interface DnsQuestion {
  /** Without the dot at its end; `.` is the root. */
  readonly name: string;
  readonly type: DnsType;
}

export interface DnsAnswer {
  /** `NOERROR`, `NXDOMAIN`, … (RFC 1035, section 4.1.1). */
  readonly rcode: string;
  /** There is more than fits in a datagram. */
  readonly truncated: boolean;
  /**
   * The records of the type asked for that belong to the name or to what it is an alias of, each as a zone file writes
   * its data, but names without the dot at their end, and texts without quotes.
   */
  readonly records: readonly string[];
  /** What else there is. */
  readonly others: readonly string[];
}

/** `id` from 0 to 65535. */
export function encodeQuery(id: number, { name, type }: DnsQuestion): Buffer {
  return encode({ type: 'query', id, flags: RECURSION_DESIRED, questions: [{ name, type }] });
}

const headerLength = 12;

/**
 * Null for what is no answer to this question: late, forged, or astray. Throws a ProbeFailure for an answer that
 * cannot be read.
 */
export function readAnswer(bytes: Buffer, id: number, question: DnsQuestion): DnsAnswer | null {
  const isAnswer = bytes.length >= headerLength && bytes.readUInt16BE(0) === id && bytes.readUInt8(2) >= 0x80;
  if (!isAnswer) return null;
  const message = decodePacket(bytes);
  const rcode = rcodes[bytes.readUInt8(3) & 0x0f] ?? `RCODE${bytes.readUInt8(3) & 0x0f}`;
  const { questions = [], answers = [] } = message;
  const [asked] = questions;
  // Servers that cannot read a question, or do not want to, leave it out.
  if (asked === undefined ? rcode === 'NOERROR' : !same(asked, question)) return null;
  const owners = ownersIn(answers, question.name);
  const counts = ({ type, name }: Answer) => type === question.type && owners.has(name.toLowerCase());
  const records = answers.filter(counts).map(text);
  const others = answers.filter((record) => !counts(record)).map(kind);
  return { rcode, truncated: message.flag_tc, records, others };
}

/** Case does not count in names (RFC 4343). */
function same(asked: { readonly name: string; readonly type: string }, { name, type }: DnsQuestion): boolean {
  return asked.type === type && asked.name.toLowerCase() === name.toLowerCase();
}

function decodePacket(bytes: Buffer): DecodedPacket {
  const truncated = (bytes.readUInt8(2) & truncatedBit) !== 0;
  try {
    // It can be cut anywhere where it is truncated: the records are asked for over TCP.
    const message = decode(truncated ? withoutRecords(bytes) : bytes);
    // The decoder makes up the rest of an address that is cut.
    if (decode.bytes <= bytes.length) return message;
  } catch {
    // As below.
  }
  throw new ProbeFailure('response', 'the answer cannot be read');
}

const truncatedBit = 0x02;

/** With the counts of the three sections of records set to none; a decoder passes over what follows. */
function withoutRecords(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  return copy.fill(0, 6, headerLength);
}

/** The name, and what it is an alias of, in lower case. */
function ownersIn(answers: readonly Answer[], name: string): ReadonlySet<string> {
  const targets = new Map<string, string>();
  for (const record of answers) {
    if (record.type === 'CNAME') targets.set(record.name.toLowerCase(), record.data.toLowerCase());
  }
  const owners = new Set<string>();
  let owner: string | undefined = name.toLowerCase();
  while (owner !== undefined && !owners.has(owner)) {
    owners.add(owner);
    owner = targets.get(owner);
  }
  return owners;
}

function kind(record: Answer): string {
  return record.type === 'CNAME' ? `CNAME ${record.data}` : `${record.type} of ${record.name}`;
}

function text(record: Answer): string {
  switch (record.type) {
    case 'MX':
      return `${record.data.preference ?? 0} ${record.data.exchange}`;
    case 'SRV': {
      const { priority = 0, weight = 0, port, target } = record.data;
      return `${priority} ${weight} ${port} ${target}`;
    }
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = record.data;
      return [mname, rname, serial, refresh, retry, expire, minimum].join(' ');
    }
    case 'TXT':
      // A text is cut into strings of 255 bytes only to be sent.
      return [record.data].flat().map(String).join('');
    case 'CAA': {
      const { flags = 0, tag, value } = record.data;
      return `${flags} ${tag} "${value}"`;
    }
    case 'NAPTR': {
      const { order, preference, flags, services, regexp, replacement } = record.data;
      return `${order} ${preference} "${flags}" "${services}" "${regexp}" ${replacement}`;
    }
    default:
      return 'data' in record ? String(record.data) : '';
  }
}

/** IANA, Domain Name System (DNS) Parameters. */
const rcodes: Readonly<Record<number, string>> = {
  0: 'NOERROR',
  1: 'FORMERR',
  2: 'SERVFAIL',
  3: 'NXDOMAIN',
  4: 'NOTIMP',
  5: 'REFUSED',
  6: 'YXDOMAIN',
  7: 'YXRRSET',
  8: 'NXRRSET',
  9: 'NOTAUTH',
  10: 'NOTZONE',
};
