/** What a line of `require` says: `KIND[:PORT] ["REQUEST"] ["RECEIVE"]`. */

import type { Pattern, Requirement } from '../../model/config.js';
import { sectionSpan } from '../../model/section-span.js';
import { allServiceNames } from '../service-lists.js';
import { services } from '../services.js';
import { type Field, subfield } from './lines.js';
import { accept, type Outcome, type Reader, refuse, type ValueRefusal } from './reading.js';
import { pattern, rootPath } from './values.js';

/** What can be asked of a server beside a service. A service that is not asked can be passed by every server. */
const kinds: readonly Requirement['kind'][] = [
  'connect',
  'ping',
  ...allServiceNames.filter((service) => services[service].asked),
];

/** In a list, for lines that add up. */
export const requirement: Reader<readonly Requirement[]> = (field, context) => {
  const [place = '', word = '', portText] = /^([^\s":]*)(:[^\s"]*)?/.exec(field.text) ?? [];
  const kind = kinds.find((known) => known === word);
  const span = field.span(0, place.length);
  if (kind === undefined) {
    const known = kinds.join(', ');
    return refuse('unknown-require', `a further check is one of ${known}`, field.span(0, Math.max(1, word.length)));
  }
  const port = portText === undefined ? null : Number(/^:(\d{1,5})$/.exec(portText)?.[1] ?? 0);
  if (port !== null) {
    const at = field.span(word.length, place.length - word.length);
    if (kind === 'ping') return refuse('bad-require', 'a ping knows no port: write ping alone', at);
    if (port < 1 || port > 65_535) return refuse('bad-port', 'the port must be a number from 1 to 65535', at);
  }
  const texts = quotedTexts(subfield(field, place.length));
  if (!texts.ok) return texts;
  const [request, receive] = texts.value;
  const refusal = uselessText(kind, 'request', request) ?? uselessText(kind, 'receive', receive);
  if (refusal !== null) return refusal;
  const expected: Outcome<Pattern | null> = receive.text === '' ? accept(null) : pattern(receive, context);
  if (!expected.ok) return expected;
  return accept([{ kind, port, request: rootPath(request.text), receive: expected.value, span: sectionSpan(span) }]);
};

/** Without their quotes; what is left out is empty. A quote is part of a text, unless a blank and another follow. */
function quotedTexts(rest: Field): Outcome<readonly [request: Field, receive: Field]> {
  const text = rest.text.trimEnd();
  if (text === '') return accept([subfield(rest, 0, 0), subfield(rest, 0, 0)]);
  const match = /^(\s+")(.*?)"(?:([\s,]+")(.*)")?$/s.exec(text);
  if (match === null) {
    const start = /^\s+(?:"[^"]*"[\s,]+)?/.exec(text)?.[0].length ?? 0;
    const message = 'after the kind come the request and what to look for in the answer, each in double quotes';
    return refuse('bad-require', message, rest.span(start, text.length - start));
  }
  const [, before = '', request = '', between = '', receive = ''] = match;
  const end = before.length + request.length;
  const start = match[3] === undefined ? end : end + 1 + between.length;
  return accept([subfield(rest, before.length, end), subfield(rest, start, start + receive.length)]);
}

const useless = {
  request: 'makes nothing of a request: leave it out, or write ""',
  receive: 'looks for nothing in an answer: leave that out',
} as const;

/** The refusal of a text that a kind of check does not read; null where it reads it, or there is none. */
function uselessText(kind: Requirement['kind'], part: 'request' | 'receive', field: Field): ValueRefusal | null {
  const reads: readonly string[] = kind === 'connect' || kind === 'ping' ? [] : services[kind].reads;
  if (field.text === '' || reads.includes(part)) return null;
  return refuse('bad-require', `${kind} ${useless[part]}`, field.span());
}
