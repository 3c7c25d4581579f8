/** The value of `real` and `real6`. */

import type { Family, Host, RealServer } from '../../model/config.js';
import { sectionSpan } from '../../model/section-span.js';
import { expandRange, formatIPv4, hostOf, longestRange, parseIPv4 } from './addresses.js';
import { inBrackets, noteShortAddress, portNumber, refuseAddress, refusePort } from './endpoints.js';
import { type Field, subfield, trimBlanks } from './lines.js';
import { accept, type Outcome, type Reader, refuse } from './reading.js';
import { serverOptions } from './server-options.js';

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
    const address = subfield(
      field,
      match.index,
      match.index + whole.slice(0, whole.length - options.length).trimEnd().length,
    );
    const written = subfield(field, match.index, match.index + firstText.length);

    const first = hostOf(inBrackets(firstText), family);
    if (first === null) return refuseAddress(written, family);
    const range = lastText === undefined ? single(first) : readRange(first, lastText, family, address);
    if (!range.ok) return range;
    const either = (name: string): number | undefined =>
      context.services.port(name, 'tcp') ?? context.services.port(name, 'udp');
    const port = portText === undefined ? 0 : portNumber(portText, either)?.number;
    if (port === undefined) return refusePort(address);
    if (range.value.hosts.length === 0) {
      // The reference reads the options once for each address.
      context.note(
        'empty-range',
        'the reference finds no address in this range, and neither does this',
        address.span(),
      );
      return accept([]);
    }

    const server = serverOptions(tail, context);
    if (!server.ok) return server;
    if (field.text.slice(0, match.index).trim() !== '') {
      const message = `read as ${first.address ?? first.name}:${port}: what stands before has no effect`;
      context.note('misread-address', message, field.span(0, match.index + address.text.length));
    } else {
      noteShortAddress(written, first, context.note);
    }
    const span = sectionSpan(field.span(0, trimBlanks(field.text).length));
    const { hosts, through } = range.value;
    const { forward, weight, upperThreshold, lowerThreshold, check } = server.value;
    return accept(
      hosts.map((host) => ({
        host,
        port,
        forward,
        weight,
        upperThreshold,
        lowerThreshold,
        span,
        ...check,
        ...(through && { through }),
      })),
    );
  };
}

interface Range {
  readonly hosts: readonly Host[];
  /** The end of a range that begins with the only host. */
  readonly through?: Host;
}

function single(host: Host): Outcome<Range> {
  return accept({ hosts: [host] });
}

/** A range between addresses is expanded here, one with a name in it once that has an address. */
function readRange(first: Host, lastText: string, family: Family, written: Field): Outcome<Range> {
  if (family === 'inet6') return refuse('bad-range', 'a range of IPv6 addresses is not supported', written.span());
  const last = hostOf(inBrackets(lastText), family);
  if (last === null) return refuseAddress(written, family);
  if (first.address === null || last.address === null) return accept({ hosts: [first], through: last });
  const start = parseIPv4(first.address) ?? 0;
  const end = parseIPv4(last.address) ?? 0;
  if (end < start) return refuse('bad-range', 'the first address of the range is above the last', written.span());
  const addresses = expandRange(start, end, longestRange);
  if (addresses === null) {
    return refuse('bad-range', `the range has more than ${longestRange} addresses`, written.span());
  }
  return accept({ hosts: addresses.map(formatIPv4).map((address) => ({ name: address, address })) });
}
