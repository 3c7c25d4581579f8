/**
 * Up means: the server answers (RFC 1035) with a record of the type asked for that belongs to the name or to what that is
 * an alias of; where `receive` is set, one that matches it. Over UDP, and over TCP where the answer does not fit or the
 * service is TCP.
 */

import { randomInt } from 'node:crypto';
import net from 'node:net';
import type { Pattern } from '../../model/config.js';
import { answer, ProbeFailure, printable } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { askDatagram } from '../sockets/datagram.js';
import { withDialogue } from '../wire/dialogue.js';
import { type DnsAnswer, type DnsQuestion, encodeQuery, readAnswer } from '../wire/dns-message.js';
import { matches } from '../wire/match.js';
import { ownRequest } from '../wire/own-request.js';
import { searchList } from '../wire/search-list.js';

export function probeDns(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(async () => firstAnswer(check, await questionsOf(check), signal));
}

type Questions = readonly [DnsQuestion, ...DnsQuestion[]];

/** By the first question that there are records for, or else by the last. */
async function firstAnswer(check: Check, [question, next, ...rest]: Questions, signal: AbortSignal): Promise<string> {
  const found = await ask(check, question, signal);
  if (found.records.length > 0 || next === undefined) return judge(found, question, check.receive);
  return await firstAnswer(check, [next, ...rest], signal);
}

async function ask(check: Check, question: DnsQuestion, signal: AbortSignal): Promise<DnsAnswer> {
  // The id that a forger must guess (RFC 5452, section 4.3).
  const id = randomInt(0x10000);
  const query = encodeQuery(id, question);
  const read = (bytes: Buffer) => readAnswer(bytes, id, question);
  const { address, port, route, negotiateTimeout: timeout } = check;
  const short =
    check.protocol === 'tcp'
      ? null
      : await askDatagram({ address, port, route, request: query, timeout, phase: 'query', read }, signal);
  return short === null || short.truncated ? await askStream(check, query, read, signal) : short;
}

/** Messages over TCP come after their length in two bytes (RFC 1035, section 4.2.2). */
function askStream(
  { address, port, route }: Check,
  query: Buffer,
  read: (bytes: Buffer) => DnsAnswer | null,
  signal: AbortSignal,
): Promise<DnsAnswer> {
  return withDialogue({ address, port, route, tls: null }, signal, async (dialogue) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(query.length);
    dialogue.send(Buffer.concat([length, query]));
    const announced = (await dialogue.bytes(2, 'query')).readUInt16BE();
    const found = read(await dialogue.bytes(announced, 'query'));
    if (found === null) throw new ProbeFailure('query', 'the server sends what is no answer to this question');
    return found;
  });
}

function judge({ rcode, records, others }: DnsAnswer, { type, name }: DnsQuestion, receive: Pattern | null): string {
  const asked = `${type} of ${printable(name)}`;
  if (rcode !== 'NOERROR') throw new ProbeFailure('response', `${rcode} for ${asked}`);
  const said = printable(records.join(', '));
  if (records.length === 0) {
    const instead = others.length === 0 ? '' : `, but ${printable(others.join(', '))}`;
    throw new ProbeFailure('response', `no ${asked}${instead}`);
  }
  if (receive !== null && !records.some((record) => matches(record, receive))) {
    throw new ProbeFailure('response', `no match for "${printable(receive.source)}" in ${said}`);
  }
  return `response: ${said}`;
}

/**
 * What to ask in turn. A name without a dot is looked for in the domains of this machine first, as the reference does,
 * and its clients; one that ends with a dot is whole.
 */
async function questionsOf(check: Check): Promise<Questions> {
  const question = questionOf(check);
  const asked = ownRequest(check);
  if (question.name === '.' || question.type === 'PTR' || asked.includes('.')) return [question];
  const [first, ...more] = [...(await searchList()).map((domain) => `${asked}.${domain}`), asked];
  const named = (name: string): DnsQuestion => ({ ...question, name });
  return [named(first ?? asked), ...more.map(named)];
}

/** By default the address of a name, and the name of an address. */
function questionOf(check: Pick<Check, 'request' | 'dnsType'>): DnsQuestion {
  const asked = ownRequest(check);
  const type = check.dnsType ?? (net.isIP(asked) === 0 ? 'A' : 'PTR');
  const name = (type === 'PTR' ? reverseName(asked) : asked).replace(/\.$/, '');
  const labels = name === '' ? [] : name.split('.');
  if (labels.some((label) => label === '' || Buffer.byteLength(label) > 63) || Buffer.byteLength(name) > 253) {
    throw new ProbeFailure('request', `"${printable(asked)}" is no domain name`);
  }
  return { name: labels.length === 0 ? '.' : name, type };
}

/** Where the name of an address stands (RFC 1035, section 3.5, and RFC 3596, section 2.5). */
function reverseName(asked: string): string {
  if (net.isIPv4(asked)) return `${asked.split('.').toReversed().join('.')}.in-addr.arpa`;
  if (!net.isIPv6(asked)) return asked;
  return `${[...nibbles(asked)].toReversed().join('.')}.ip6.arpa`;
}

/** The 32 hexadecimal digits of an IPv6 address. */
function nibbles(address: string): string {
  // The URL class writes every form of an address the same way, but for the zeros that it leaves out.
  const [head = '', tail] = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1).split('::');
  const digits = (part: string) => part.split(':').map((group) => (group === '' ? '' : group.padStart(4, '0')));
  const [front, back] = [digits(head).join(''), tail === undefined ? '' : digits(tail).join('')];
  return `${front}${'0'.repeat(32 - front.length - back.length)}${back}`;
}
