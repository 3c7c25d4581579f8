/** Readers of the values of extensions: nothing stands beside a value, since no old file has to be understood. */

import { isIPv4 } from 'node:net';
import type {
  BelowMinimum,
  CheckWay,
  Damping,
  DnsType,
  FallbackUse,
  Header,
  HttpAuth,
  HttpPart,
  HttpVersion,
  NamedFile,
  PortRange,
  ProxyProtocol,
  Quorum,
  Resume,
  StartState,
  StatusRange,
  VirtualPlace,
} from '../../model/config.js';
import { dnsTypes } from '../../model/config.js';
import { mergePorts } from '../../model/port-ranges.js';
import { sectionSpan } from '../../model/section-span.js';
import type { ErrorCode } from '../diagnostics/codes.js';
import { type TlsMode, tlsModes } from '../services.js';
import { canonicalIPv6, isDottedQuad } from './addresses.js';
import type { Field } from './lines.js';
import { accept, type Outcome, type Reader, refuse } from './reading.js';
import { maybeQuoted, quotedText } from './values.js';

const largestPort = 65_535;
/** Bytes of a datagram over IPv4, without its headers. */
const longestDatagram = 65_507;

/** One of a few words. */
function oneOf<T extends string>(words: readonly T[], code: ErrorCode): Reader<T> {
  return (field) => {
    const found = words.find((word) => word === field.text);
    return found === undefined
      ? refuse(code, `the value must be one of ${words.join(', ')}`, field.span())
      : accept(found);
  };
}

export const tlsMode: Reader<TlsMode> = oneOf(tlsModes, 'unknown-tls-mode');
export const httpAuth: Reader<HttpAuth> = oneOf(['none', 'basic'], 'unknown-httpauth');
export const receiveIn: Reader<HttpPart> = oneOf(['body', 'headers', 'status'], 'unknown-receivein');
export const belowMinimum: Reader<BelowMinimum> = oneOf(
  ['keep', 'all', 'fallback', 'withdraw'],
  'unknown-belowminimum',
);
export const fallbackUse: Reader<FallbackUse> = oneOf(['last', 'first', 'all'], 'unknown-fallbackuse');
export const checkWay: Reader<CheckWay> = oneOf(['direct', 'forwarded'], 'unknown-checkpath');
export const startState: Reader<StartState> = oneOf(['table', 'down', 'up'], 'unknown-startstate');
export const resume: Reader<Resume> = oneOf(['auto', 'manual'], 'unknown-resume');
export const proxyProtocol: Reader<ProxyProtocol> = oneOf(['none', 'v1', 'v2'], 'unknown-proxyprotocol');
export const httpVersion: Reader<HttpVersion> = oneOf(['1.1', '2'], 'unknown-httpversion');

/** In any case, as people write them. */
export const dnsType: Reader<DnsType> = (field) => {
  const found = dnsTypes.find((type) => type === field.text.toUpperCase());
  return found === undefined
    ? refuse('unknown-dnstype', `dnstype must be one of ${dnsTypes.join(', ')}`, field.span())
    : accept(found);
};

export function wholeNumber(what: string, min: number, max: number): Reader<number> {
  return (field) => {
    const value = /^\d{1,15}$/.test(field.text) ? Number(field.text) : Number.NaN;
    return value >= min && value <= max
      ? accept(value)
      : refuse('not-a-number', `${what} must be a whole number from ${min} to ${max}`, field.span());
  };
}

/** `2` or `50%`. */
export const quorum: Reader<Quorum> = (field) => {
  const [, digits, percent] = /^(\d{1,6})[ \t]*(%?)$/.exec(field.text) ?? [];
  const amount = Number(digits ?? Number.NaN);
  const unit = percent === '%' ? 'percent' : 'servers';
  return amount >= 0 && (unit === 'servers' || amount <= 100)
    ? accept({ amount, unit })
    : refuse('bad-minimum', 'the minimum is a number of real servers, or a share of them up to 100%', field.span());
};

/** Seconds. */
const longestHold = 86_400;

export interface WrittenPorts {
  readonly ranges: readonly PortRange[];
  readonly field: Field;
}

/** `80,443,8000-8100`, in any order; a name of /etc/services is as good as its number. */
export const ports: Reader<WrittenPorts> = (field, context) => {
  const refused = refuse(
    'bad-ports',
    'ports are numbers from 1 to 65535, names or ranges: 80,443,8000-8100',
    field.span(),
  );
  const ranges: PortRange[] = [];
  for (const part of field.text.split(',')) {
    const [, first = '', second] = /^[ \t]*(\d+|[A-Za-z][\w.+-]*?)(?:[ \t]*-[ \t]*(\d+))?[ \t]*$/.exec(part) ?? [];
    const from = /^\d/.test(first) ? Number(first) : (context.services.port(first, 'tcp') ?? 0);
    const to = second === undefined ? from : Number(second);
    if (from < 1 || to < from || to > largestPort) return refused;
    ranges.push({ from, to });
  }
  return accept({ ranges: mergePorts(ranges), field });
};

/** IFNAMSIZ of Linux, without its last byte. */
const longestName = 15;

/** `eth0`, `eth0 eth0:web`, `off`. */
export const place: Reader<VirtualPlace | null> = (field) => {
  if (field.text === 'off') return accept(null);
  const [, device, label = null] = /^([^\s/:]+)(?:[ \t]+(\S+))?$/.exec(field.text) ?? [];
  const tooLong = [device ?? '', label ?? ''].some((name) => Buffer.byteLength(name) > longestName);
  if (device === undefined || device.startsWith('.') || tooLong || label?.startsWith(device) === false) {
    const message = `the place of an address is a device and, if wanted, a label that begins with its name, of at most ${longestName} characters: eth0 eth0:1`;
    return refuse('bad-vip', message, field.span());
  }
  return accept({ device, label });
};

/** `10 300`. */
export const damping: Reader<Damping | null> = (field) => {
  if (field.text === 'off') return accept(null);
  const [, first, second] = /^(\d{1,6})[ \t]+(\d{1,6})$/.exec(field.text) ?? [];
  const [base, most] = [Number(first), Number(second)];
  return base >= 1 && base <= most && most <= longestHold
    ? accept({ base, most })
    : refuse(
        'bad-flapdamping',
        `flap damping is off, or two numbers of seconds from 1 to ${longestHold}, the first no larger: 10 300`,
        field.span(),
      );
};

/** The address and port, or the firewall mark, of another section. */
export const track: Reader<string> = (field) =>
  /^\S+$/.test(field.text)
    ? accept(field.text)
    : refuse('unknown-track', 'another virtual service is named as its section opens: 192.0.2.1:80', field.span());

export const namedFile: Reader<NamedFile> = (field, context) => {
  const outcome = quotedText('the path')(field, context);
  return outcome.ok ? accept({ path: outcome.value, span: sectionSpan(field.span()), text: '', digest: '' }) : outcome;
};

/** `200,204,300-399`. */
export const statuses: Reader<readonly StatusRange[]> = (field) => {
  const ranges: StatusRange[] = [];
  for (const part of field.text.split(',')) {
    const [, first = '', last = first] = /^[ \t]*([1-5]\d\d)(?:-([1-5]\d\d))?[ \t]*$/.exec(part) ?? [];
    const range = { from: Number(first), to: Number(last) };
    // Those below 200 are interim and never the answer (RFC 9110, section 15.2).
    if (range.from < 200 || range.to < range.from) {
      return refuse(
        'bad-status',
        'status codes are numbers from 200 to 599 or ranges of them: 200,204,300-399',
        field.span(),
      );
    }
    ranges.push(range);
  }
  return accept(ranges);
};

/** `"Name: value"` (RFC 9110, section 5). */
export const header: Reader<readonly Header[]> = (field, context) => {
  const outcome = quotedText('the header')(field, context);
  if (!outcome.ok) return outcome;
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([^\0\r\n]*?)[ \t]*$/.exec(outcome.value) ?? [];
  if (name === undefined || value === undefined) return refuse('bad-header', 'a header is "Name: value"', field.span());
  if (managed.has(name.toLowerCase())) {
    return refuse('bad-header', `${name} is set by the check itself; for the host name use virtualhost`, field.span());
  }
  return accept([{ name, value }]);
};

/** What decides where a message ends and where it goes is no setting. */
const managed = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade']);

const largestMark = 0xffff_ffff;

/** As iptables and ip-rule write marks. */
export const mark: Reader<number> = (field) => {
  const value = /^(?:0x[\da-f]{1,8}|[1-9]\d{0,9})$/i.test(field.text) ? Number(field.text) : 0;
  return value >= 1 && value <= largestMark
    ? accept(value)
    : refuse('bad-mark', 'a mark is a number from 1 to 4294967295, or from 0x1 to 0xffffffff', field.span());
};

export const address: Reader<string> = (field) => {
  const found = isDottedQuad(field.text) && isIPv4(field.text) ? field.text : canonicalIPv6(field.text);
  return found === null ? refuse('bad-address', 'a source is a literal address', field.span()) : accept(found);
};

/** Bytes as pairs of hex digits; blanks and colons may stand between bytes. */
export const hex: Reader<string> = (field, context): Outcome<string> => {
  const outcome = maybeQuoted('the value')(field, context);
  if (!outcome.ok) return outcome;
  const digits = outcome.value.replaceAll(/[ \t:]/g, '').toLowerCase();
  if (!/^(?:[\da-f]{2})+$/.test(digits) || digits.length > 2 * longestDatagram) {
    return refuse('bad-hex', `bytes are pairs of hex digits, at most ${longestDatagram} of them`, field.span());
  }
  return accept(digits);
};
