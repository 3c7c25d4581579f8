/** The value of `real` and `real6`. */

import { expandRange, formatIPv4, hostOf, parseIPv4 } from './addresses.js';
import {
  forwardings,
  inBrackets,
  noteShortAddress,
  portNumber,
  refuseAddress,
  refuseForwarding,
  refusePort,
} from './endpoints.js';
import { type Field, subfield } from './lines.js';
import type { Family, Forwarding, Host, Pattern, RealServer, Span } from './model.js';
import { accept, type Context, noteIgnored, type Outcome, type Reader, refuse } from './reading.js';
import { pattern, rooted } from './values.js';

/** A range of addresses is refused above this size: it is a typing error, or 65,536 checks. */
const longestRange = 65_536;

const host = String.raw`\[[[\]0-9A-Fa-f:]+\]|[0-9A-Za-z.-]+`;
// The reference searches for this anywhere in the value.
const shape = new RegExp(String.raw`(${host})(?:->(${host}))?(?::([\w-]+))?[ \t\v\f\r]+(.*)$`, 's');

/** One line can be several real servers, since it can name a range. */
export function realServers(family: Family): Reader<RealServer[]> {
  return (field, context) => {
    const match = shape.exec(field.text);
    if (match === null) {
      return refuse('bad-real-server', 'a real server is ADDRESS[:PORT], then gate, masq or ipip', field.span());
    }
    const [whole, firstText = '', lastText, portText, options = ''] = match;
    const tail = subfield(field, match.index + whole.length - options.length);
    const address = subfield(field, match.index, match.index + whole.trimEnd().length - options.trimEnd().length);
    const written = subfield(field, match.index, match.index + firstText.length);

    const first = hostOf(inBrackets(firstText), family);
    if (first === null) return refuseAddress(written, family);
    const last = lastText === undefined ? null : hostOf(inBrackets(lastText), family);
    if (lastText !== undefined) {
      if (family === 'inet6') return refuse('bad-range', 'a range of IPv6 addresses is not supported', address.span());
      if (last === null) return refuseAddress(address, family);
    }
    const either = (name: string): number | undefined =>
      context.services.port(name, 'tcp') ?? context.services.port(name, 'udp');
    const port = portText === undefined ? 0 : portNumber(portText, either)?.number;
    if (port === undefined) return refusePort(address);

    const server = serverOptions(tail, context);
    if (!server.ok) return server;
    if (field.text.slice(0, match.index).trim() !== '') {
      const message = `read as ${first.address ?? first.name}:${port}: what stands before has no effect`;
      context.note('misread-address', message, field.span(0, match.index + address.text.length));
    } else {
      noteShortAddress(written, first, context.note);
    }
    const real = { host: first, port, span: field.span(0, field.text.trimEnd().length), ...server.value };
    return last === null ? accept([real]) : range(real, last, address.span());
  };
}

function range(server: RealServer, last: Host, where: Span): Outcome<RealServer[]> {
  const from = server.host.address;
  if (from === null || last.address === null) return accept([{ ...server, through: last }]);
  const start = parseIPv4(from) ?? 0;
  const end = parseIPv4(last.address) ?? 0;
  if (end < start) return refuse('bad-range', 'the first address of the range is above the last', where);
  const addresses = expandRange(start, end, longestRange);
  if (addresses === null) return refuse('bad-range', `the range has more than ${longestRange} addresses`, where);
  return accept(
    addresses.map((address) => {
      const text = formatIPv4(address);
      return { ...server, host: { name: text, address: text } };
    }),
  );
}

interface ServerOptions {
  readonly forward: Forwarding;
  readonly weight: number;
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
  readonly request?: string;
  readonly receive?: Pattern;
}

/** What follows a real server's address: each part is searched for after the end of the part before. */
function serverOptions(tail: Field, context: Context): Outcome<ServerOptions> {
  const word = /\w+/.exec(tail.text);
  const forward = forwardings.find((name) => name === word?.[0]);
  if (word === null || forward === undefined)
    return refuseForwarding(word === null ? tail : subfield(tail, word.index, word.index + word[0].length));
  let rest = subfield(tail, word.index + word[0].length);
  const take = (shape: RegExp): RegExpExecArray | null => {
    const match = shape.exec(rest.text);
    if (match === null) return null;
    noteIgnored(subfield(rest, 0, match.index), context);
    rest = subfield(rest, match.index + match[0].length);
    return match;
  };

  const weight = numberOf(take(/[ \t\v\f\r]+(\d+)/), 1, 65_535);
  const beforeChecks = rest;
  const checks = take(/[ \t\v\f\r]+"(.*)"[, ][ \t\v\f\r]*"(.*)"/s);
  let asked: { request: string; receive?: Pattern } | undefined;
  if (checks !== null) {
    const [matched, request = '', receive = ''] = checks;
    const end = beforeChecks.text.length - rest.text.length;
    const pair = subfield(beforeChecks, end - matched.trimStart().length, end);
    if (/^[lu]:\d+$/.test(request) || /^[lu]:\d+$/.test(receive)) {
      context.note(
        'quoted-thresholds',
        'in quotes these are a request and its answer; thresholds go without quotes: l:10 u:20',
        pair.span(),
      );
    }
    if (request.startsWith('/')) {
      // The reference loses whatever follows such a request, so what follows has no effect here either.
      const at = pair.text.length - receive.length - 1;
      context.note(
        'receive-ignored',
        'after a request that begins with "/" the rest of the line has no effect; leave the "/" out, it is added',
        pair.span(at - 1, receive.length + 2),
      );
      return accept({ forward, weight, upperThreshold: 0, lowerThreshold: 0, request });
    }
    const read = pattern(subfield(pair, pair.text.length - receive.length - 1, pair.text.length - 1), context);
    if (!read.ok) return read;
    asked = { request: rooted(request), receive: read.value };
  }
  const lowerThreshold = numberOf(take(/[ \t\v\f\r]+l:(\d+)/), 0, 0x7fffffff);
  const upperThreshold = numberOf(take(/[ \t\v\f\r]+u:(\d+)/), 0, 0x7fffffff);
  if (rest.text.trim() !== '') {
    const lead = rest.text.length - rest.text.trimStart().length;
    return refuse(
      'bad-real-server',
      'after gate, masq or ipip come a weight, "request","receive", l:NUMBER and u:NUMBER, in this order',
      rest.span(lead, rest.text.trim().length),
    );
  }
  return accept({ forward, weight, upperThreshold, lowerThreshold, ...asked });
}

function numberOf(match: RegExpExecArray | null, otherwise: number, max: number): number {
  return Math.min(max, Number(match?.[1] ?? otherwise));
}
