/** Readers of virtual services, real servers and fallbacks: addresses, names, ports and what follows them. */

import { expandRange, formatIPv4, hostOf, isDottedQuad, parseIPv4 } from './addresses.js';
import { type Field, subfield } from './lines.js';
import type { Endpoint, Family, Forwarding, Host, Pattern, RealServer, Server } from './model.js';
import { accept, type Context, noteIgnored, type Outcome, type Reader, refuse } from './reading.js';
import { pattern, rooted } from './values.js';

/** A range of addresses is refused above this size: it is a typing error, or 65,536 checks. */
const longestRange = 65_536;

const largestMark = 0xffffffff;

const forwardings: readonly Forwarding[] = ['gate', 'masq', 'ipip'];

/** What a `virtual` line opens. */
export interface VirtualAddress {
  readonly endpoint: Endpoint;
  /** As written; `0` for a firewall mark. */
  readonly portText: string;
  /** As written; empty for an address. */
  readonly markText: string;
}

export function virtualAddress(family: Family): Reader<VirtualAddress> {
  const bracketed = family === 'inet6' ? /^(\[[0-9A-Fa-f:]+\]|[\w.+-]+):([\w-]+)/ : /^([\w.+-]+):([\w-]+)/;
  return (field, context) => {
    if (field.text.startsWith('[') && family === 'inet') {
      return refuse('wrong-family', 'an IPv6 address needs `virtual6`', field.span());
    }
    const match = bracketed.exec(field.text);
    if (match === null) return firewallMark(field, context);
    const [whole, hostText = '', portText = ''] = match;
    const host = hostOf(unbracketed(hostText), family);
    // Only an address may stand in brackets here.
    if (host === null || (hostText.startsWith('[') && host.address === null)) {
      return refuse('bad-address', addressHint(family), field.span(0, hostText.length));
    }
    const portField = subfield(field, hostText.length + 1, whole.length);
    const port = portNumber(portText, (name) => context.services.port(name, 'tcp'));
    if (port === null) return refusePort(portField);
    noteShortAddress(hostText, host, field, context);
    noteIgnored(subfield(field, whole.length), context);
    const protocol = port.text === '53' ? 'udp' : 'tcp';
    return accept({ endpoint: { protocol, host, port: port.number }, portText: port.text, markText: '' });
  };
}

function firewallMark(field: Field, context: Context): Outcome<VirtualAddress> {
  const match = /^\d+/.exec(field.text);
  if (match === null) {
    return refuse('bad-address', 'a virtual service is ADDRESS:PORT or the number of a firewall mark', field.span());
  }
  const mark = Number(match[0]);
  const rest = subfield(field, match[0].length);
  if (/^\.\d/.test(rest.text)) {
    context.note(
      'port-missing',
      `without a port this is the firewall mark ${mark}; write ADDRESS:PORT for an address`,
      field.span(),
    );
  } else {
    noteIgnored(rest, context);
  }
  if (mark === 0 || mark > largestMark) {
    context.note('useless-mark', 'a firewall mark is a number from 1 to 4294967295', field.span(0, match[0].length));
  }
  return accept({ endpoint: { protocol: 'fwm', mark }, portText: '0', markText: match[0] });
}

/** One line can be several real servers, since it can name a range. */
export function realServers(family: Family): Reader<RealServer[]> {
  const host = family === 'inet6' ? '\\[[[\\]0-9A-Fa-f:]+\\]|[0-9A-Za-z.-]+' : '[0-9A-Za-z.-]+';
  const shape = new RegExp(`(${host})(?:->(${host}))?(?::([\\w-]+))?[ \\t\\v\\f\\r]+(.*)$`, 's');
  return (field, context) => {
    const match = shape.exec(field.text);
    if (match === null) {
      return refuse('bad-real-server', 'a real server is ADDRESS[:PORT], then gate, masq or ipip', field.span());
    }
    const [whole, firstText = '', lastText, portText] = match;
    const tail = subfield(field, match.index + whole.length - (match[4] ?? '').length);
    const where = field.span(match.index, whole.length - tail.text.length);

    const first = hostOf(inBrackets(firstText), family);
    if (first === null) return refuse('bad-address', addressHint(family), field.span(match.index, firstText.length));
    let last: Host | null = null;
    if (lastText !== undefined) {
      if (family === 'inet6') return refuse('bad-range', 'a range of IPv6 addresses is not supported', where);
      last = hostOf(lastText, family);
      if (last === null) return refuse('bad-address', addressHint(family), where);
    }
    const either = (name: string): number | undefined =>
      context.services.port(name, 'tcp') ?? context.services.port(name, 'udp');
    const port = portText === undefined ? { text: '0', number: 0 } : portNumber(portText, either);
    if (port === null)
      return refusePort(
        where === null ? field : subfield(field, match.index, match.index + whole.length - tail.text.length),
      );

    const options = serverOptions(tail, context);
    if (!options.ok) return options;
    const server: RealServer = {
      host: first,
      port: port.number,
      span: field.span(0, field.text.trimEnd().length),
      ...options.value,
    };
    const misread = field.text.slice(0, match.index).trim();
    if (misread !== '') {
      context.note('misread-address', `read as ${readAs(first, port.number)}: what stands before has no effect`, where);
    } else {
      noteShortAddress(firstText, first, field, context);
    }
    return last === null ? accept([server]) : range(server, last, where);
  };
}

function range(server: RealServer, last: Host, where: ReturnType<Field['span']>): Outcome<RealServer[]> {
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

/** A fallback; its port is null where it is left out in the global section. */
export interface FallbackServer extends Omit<Server, 'port'> {
  readonly port: number | null;
}

export function fallbackServer(family: Family): Reader<FallbackServer> {
  return (field, context) => {
    const [, address = '', blanks = '', rest = ''] =
      /^([^ \t\v\f\r]*)([ \t\v\f\r]*)(.*?)[ \t\v\f\r]*$/s.exec(field.text) ?? [];
    const forward = rest === '' ? 'gate' : forwardings.find((name) => name === rest);
    if (forward === undefined) {
      const start = address.length + blanks.length;
      return refuseForwarding(subfield(field, start, start + rest.length));
    }
    const [, before = address, portText] = /^(.*):([\w-]+)$/s.exec(address) ?? [];
    const host = before === '' || inBrackets(before) === '' ? loopback(family) : hostOf(inBrackets(before), family);
    if (host === null) return refuse('bad-address', addressHint(family), field.span(0, before.length));
    if (host.name === '') {
      context.note('address-missing', 'without an address this is the director itself', field.span(0, address.length));
    }
    const protocol = context.section?.protocol;
    const named = (name: string): number | undefined =>
      protocol === 'tcp' || protocol === 'udp' ? context.services.port(name, protocol) : undefined;
    const port = portNumber(portText ?? context.section?.portText ?? '', named);
    if (port === null && portText !== undefined) return refusePort(subfield(field, before.length + 1, address.length));
    noteShortAddress(before, host, field, context);
    return accept({ host, port: port?.number ?? null, forward, weight: 1, upperThreshold: 0, lowerThreshold: 0 });
  };
}

// getaddrinfo(3) takes an empty name for the loopback address.
function loopback(family: Family): Host {
  return { name: '', address: family === 'inet6' ? '::1' : '127.0.0.1' };
}

/** A number stays as it is written, since the reference compares ports as text. */
function portNumber(
  text: string,
  lookUp: (name: string) => number | undefined,
): { readonly text: string; readonly number: number } | null {
  if (/^\d+$/.test(text)) return Number(text) <= 65_535 ? { text, number: Number(text) } : null;
  const number = text === '' ? undefined : lookUp(text);
  return number === undefined ? null : { text: String(number), number };
}

function refusePort(field: Field): Outcome<never> {
  return refuse('bad-port', 'the port must be a number up to 65535 or a name in /etc/services', field.span());
}

function refuseForwarding(field: Field): Outcome<never> {
  return refuse('unknown-forwarding', 'the forwarding method must be gate, masq or ipip', field.span());
}

function addressHint(family: Family): string {
  return family === 'inet6'
    ? 'this is neither an IPv6 address in brackets nor a host name'
    : 'this is neither an IPv4 address nor a host name';
}

function unbracketed(text: string): string {
  return /^\[(.*)\]$/s.exec(text)?.[1] ?? text;
}

/** What stands between the outermost brackets, wherever they are. */
function inBrackets(text: string): string {
  return /\[(.*)\]/s.exec(text)?.[1] ?? text;
}

function readAs(host: Host, port: number): string {
  return `${host.address ?? host.name}:${port}`;
}

/** Short and octal forms are rarely meant: `10.1` is 10.0.0.1, `010.1.1.1` is 8.1.1.1. */
function noteShortAddress(written: string, host: Host, field: Field, context: Context): void {
  if (host.address === null || !/^[\d.]+$/.test(written) || isDottedQuad(written)) return;
  const at = Math.max(0, field.text.indexOf(written));
  context.note('unusual-address', `read as ${host.address}`, field.span(at, written.length));
}
