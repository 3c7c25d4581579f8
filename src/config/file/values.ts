/**
 * Readers of plain values: numbers, words, strings. They accept and understand what the reference does,
 * which mostly extracts what it can use from a value and passes over the rest.
 */

import { capabilitiesOf } from '../../ipvs/capabilities.js';
import type { AlertPhase, HttpMethod, Pattern } from '../../model/config.js';
import { type CheckType, namedCheckTypes } from '../check-types.js';
import { translatePattern } from '../pattern/pattern.js';
import { extensionServiceNames, serviceNames } from '../service-lists.js';
import type { ServiceName } from '../services.js';
import { formatIPv4, parseIPv4 } from './addresses.js';
import { type Field, subfield, trimBlanks } from './lines.js';
import {
  accept,
  type Context,
  noteIgnored,
  type Outcome,
  type Reader,
  refuse,
  type WrittenProtocol,
} from './reading.js';

/** The longest time that a Node timer can wait, in seconds; a longer one would fire at once. */
const longestTime = 2_147_483;

export const alertPhases: readonly AlertPhase[] = ['starting', 'running', 'stopping', 'reloading'];

export const yesOrNo: Reader<boolean> = (field) => {
  if (field.text === 'yes' || field.text === 'no') return accept(field.text === 'yes');
  return refuse('not-yes-or-no', 'the value must be "yes" or "no"', field.span());
};

interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/**
 * The first digits anywhere in the value. `0` is refused where `min` is not 0, but `00` is not: the
 * reference tests the text for truth. A number out of range counts as the nearest in range.
 */
export function numberIn(range: NumberRange, what: string): Reader<number> {
  return (field, context) => {
    const match = /\d+/.exec(field.text);
    if (match === null || (match[0] === '0' && range.min > 0)) {
      return refuse('not-a-number', `${what} must be a whole number of at least ${range.min}`, field.span());
    }
    return inRange(field, match, range, context.note);
  };
}

/** As `numberIn`, and any zero is refused. */
export function positive(range: NumberRange, what: string): Reader<number> {
  const read = numberIn(range, what);
  return (field, context) => {
    const match = /\d+/.exec(field.text);
    if (match !== null && Number(match[0]) === 0) return refuse('not-a-number', `${what} cannot be 0`, field.span());
    return read(field, context);
  };
}

/** The digits that the value begins with. */
export function leadingNumber(what: string): Reader<number> {
  return (field, context) => {
    const match = /^\d+/.exec(field.text);
    if (match === null) return refuse('not-a-number', `${what} must be a whole number`, field.span());
    return inRange(field, match, { min: 0, max: longestTime }, context.note);
  };
}

function inRange(field: Field, match: RegExpExecArray, range: NumberRange, note: Context['note']): Outcome<number> {
  const digits = match[0];
  const span = field.span(match.index, digits.length);
  const before = field.text.slice(0, match.index).trim();
  const after = field.text
    .slice(match.index + digits.length)
    .replace(/#.*$/s, '')
    .trim();
  if (before !== '' || after !== '')
    note('number-extracted', `read as ${digits}; write the number alone`, field.span());
  const value = Number(digits);
  if (value < range.min) {
    note('number-too-small', `${digits} is too small: ${range.min} is assumed`, span);
    return accept(range.min);
  }
  if (value > range.max) {
    note('number-too-large', `${digits} is too large: ${range.max} is assumed`, span);
    return accept(range.max);
  }
  return accept(value);
}

export const seconds: NumberRange = { min: 1, max: longestTime };
export const count: NumberRange = { min: 1, max: 0x7fffffff };

/** None is 0. */
export function secondsOrNone(what: string): Reader<number | null> {
  const read = numberIn({ min: 0, max: longestTime }, what);
  return (field, context) => {
    const outcome = read(field, context);
    return outcome.ok ? accept(outcome.value || null) : outcome;
  };
}

export const port: Reader<number> = (field, context) => {
  const match = /\d+/.exec(field.text);
  const value = Number(match?.[0] ?? 0);
  if (match === null || value < 1 || value > 65535) {
    return refuse('bad-port', 'the port must be a number from 1 to 65535', field.span());
  }
  return inRange(field, match, { min: 1, max: 65535 }, context.note);
};

/** A string that must stand in double quotes, from the first to the last of them. */
export function quotedText(what: string, emptyAllowed = false): Reader<string> {
  return (field, context) => {
    const match = /^"(.*)"/s.exec(field.text);
    if (match === null) return refuse('unquoted-string', `${what} must stand in double quotes`, field.span());
    const text = match[1] ?? '';
    if (text === '' && !emptyAllowed) return refuse('empty-value', `${what} is empty`, field.span());
    noteIgnored(subfield(field, match[0].length), context);
    return accept(text);
  };
}

/** A command that may be of blanks alone: then it is none. */
export const callback: Reader<string | null> = (field, context) => {
  const outcome = quotedText('the command', true)(field, context);
  return outcome.ok ? accept(trimBlanks(outcome.value) || null) : outcome;
};

/** A string in double quotes, or the whole value where it does not begin with a quoted string. */
export function maybeQuoted(what: string): Reader<string> {
  return (field, context) => {
    const match = /^"(.*)"/s.exec(field.text);
    if (match !== null) noteIgnored(subfield(field, match[0].length), context);
    const text = trimBlanks(match === null ? field.text : (match[1] ?? ''));
    return text === '' ? refuse('empty-value', `${what} is empty`, field.span()) : accept(text);
  };
}

/** As `maybeQuoted`; but blanks in quotes are a program, as in the reference, though none that is there. */
export const program: Reader<string> = (field, context) => {
  const written = /^"(.+)"/s.exec(field.text)?.[1];
  if (written === undefined || trimBlanks(written) !== '') return maybeQuoted('the command')(field, context);
  context.note('empty-value', 'the command is of blanks alone: nothing can be run; name a program', field.span());
  return accept(written);
};

/** A string in double quotes with a letter, digit or `_` in it, which the reference keeps and never uses. */
export function unusedWord(keyword: string): Reader<string> {
  const read = quotedText('the value', true);
  return (field, context) => {
    const outcome = read(field, context);
    if (!outcome.ok) return outcome;
    // Of this machine's letters, as \w of the reference has them.
    if (!/\w/.test(outcome.value)) return refuse('empty-value', 'the value has neither letter nor digit', field.span());
    context.note(
      'no-effect',
      `${keyword} has no effect, here or in Perl's ldirectord: take the line out`,
      field.span(),
    );
    return outcome;
  };
}

/** The whole value, quotes included. */
export function text(what: string): Reader<string> {
  return (field, context) => {
    if (field.text === '') return refuse('empty-value', `${what} is empty`, field.span());
    const value = trimBlanks(field.text);
    if (/^".*"$/s.test(value)) {
      context.note('quotes-kept', 'the quotes are part of this value; leave them out', field.span(0, value.length));
    }
    return accept(value);
  };
}

/** The whole value; nothing at all is the same as leaving the directive out. */
export const optionalText: Reader<string | null> = (field) => accept(trimBlanks(field.text) || null);

/** Up to a second double quote; nothing at all is the same as leaving the directive out. */
export const hostHeader: Reader<string | null> = (field, context) => {
  const match = /^"?([^"]*)"?/s.exec(field.text);
  noteIgnored(subfield(field, match?.[0].length ?? 0), context);
  return accept(trimBlanks(match?.[1] ?? '') || null);
};

/** The request begins with a slash: the reference puts one before any that does not. */
export const request: Reader<string> = (field, context) => {
  const outcome = quotedText('the request')(field, context);
  return outcome.ok ? accept(rootPath(outcome.value)) : outcome;
};

/** The name of another configuration; an empty one names nothing. */
export const instance: Reader<readonly string[]> = (field) => {
  const name = trimBlanks(field.text);
  return accept(name === '' ? [] : [name]);
};

export function rootPath(text: string): string {
  return text.startsWith('/') ? text : `/${text}`;
}

export const receive: Reader<Pattern> = (field, context) => {
  const outcome = quotedText('the expected answer')(field, context);
  return outcome.ok ? pattern(subfield(field, 1, 1 + outcome.value.length), context) : outcome;
};

/** A regular expression that fills the whole field. */
export const pattern: Reader<Pattern> = (field, context) => {
  const translation = translatePattern(field.text);
  if (!translation.ok) {
    return refuse('bad-pattern', translation.message, field.span(translation.offset, translation.length));
  }
  if (/^\^?HTTP\/\d/.test(field.text)) {
    context.note(
      'status-line-in-receive',
      'only the body of the answer is searched, never the status line; leave `receive` out to accept any 2xx answer',
      field.span(),
    );
  }
  return accept({ source: field.text, regex: translation.regex });
};

export const httpMethod: Reader<HttpMethod> = (field, context) => {
  const match = /\w+/.exec(field.text);
  const method = match?.[0].toUpperCase();
  if (match === null || (method !== 'GET' && method !== 'HEAD')) {
    return refuse('unknown-method', 'httpmethod must be GET or HEAD', field.span());
  }
  noteIgnored(subfield(field, match.index + match[0].length), context);
  return accept(method);
};

export const service: Reader<ServiceName> = (field, context) => {
  const word = /\w+/.exec(field.text)?.[0];
  const name = serviceNames.find((known) => known === word);
  if (name !== undefined) return accept(name);
  const extension = extensionServiceNames.find((known) => known === word);
  if (extension !== undefined && context.extensions) return accept(extension);
  const known = context.extensions ? [...serviceNames, ...extensionServiceNames] : serviceNames;
  const hint = extension === undefined ? '' : `"${extension}" is an extension, which strict mode refuses: `;
  return refuse('unknown-service', `${hint}service must be one of ${known.join(', ')}`, field.span());
};

export const protocol: Reader<WrittenProtocol> = (field, context) => {
  const word = /\w+/.exec(field.text)?.[0];
  if (context.section?.isBare) {
    const words = field.text.split(',').map((one) => one.trim());
    if (words.length === 2 && words.includes('tcp') && words.includes('udp')) return accept('tcp,udp');
    if (word === 'tcp' || word === 'udp' || word === 'fwm') return accept(word);
    return refuse('wrong-protocol', 'the protocol of several ports must be tcp, udp, or both: tcp,udp', field.span());
  }
  if (context.section?.protocol === 'fwm') {
    if (word === 'fwm') return accept(word);
    return refuse('wrong-protocol', 'the protocol of a firewall mark can only be fwm', field.span());
  }
  if (word === 'tcp' || word === 'udp') return accept(word);
  return refuse('wrong-protocol', 'the protocol of an address and port must be tcp or udp', field.span());
};

/** The first lower-case letters anywhere in the value. */
export const scheduler: Reader<string> = (field, context) => {
  const match = /[a-z]+/.exec(field.text);
  if (match === null) {
    return refuse('bad-scheduler', 'a scheduler is named in lower-case letters, as in ipvsadm(8)', field.span());
  }
  if (!kernelSchedulers.includes(match[0])) {
    context.note(
      'unknown-scheduler',
      `the kernel has no scheduler "${match[0]}" of its own; the service fails unless a module brings it`,
      field.span(match.index, match[0].length),
    );
  }
  noteIgnored(subfield(field, match.index + match[0].length), context);
  return accept(match[0]);
};

const kernelSchedulers = capabilitiesOf('kernel').schedulers;

export const schedulerFlags: Reader<readonly string[]> = (field, context) => {
  const match = /^[^ \t\v\f\r]+/.exec(field.text);
  if (match === null) return refuse('empty-value', 'the scheduler flags are empty', field.span());
  noteIgnored(subfield(field, match[0].length), context);
  return accept(match[0].split(',').filter((flag) => flag !== ''));
};

/** The name or address of a mail server. */
export const mailServer: Reader<string> = (field, context) => {
  const match = /^[0-9A-Za-z._+-]+/.exec(field.text);
  if (match === null) return refuse('bad-address', 'smtp must be an IPv4 address or a host name', field.span());
  noteIgnored(subfield(field, match[0].length), context);
  return accept(match[0]);
};

/** Comma-separated addresses, in double quotes as a whole or not at all. */
export const mailAddresses: Reader<readonly string[]> = (field) => {
  const list = /^"([^"]*)"$/s.exec(field.text)?.[1] ?? field.text;
  if (list === '') return refuse('empty-value', 'no mail address is given', field.span());
  return accept(
    list
      .split(',')
      .map((address) => address.trim())
      .filter((address) => address !== ''),
  );
};

export const alertStatus: Reader<readonly AlertPhase[]> = (field) => {
  const words = field.text.split(/[ \t\v\f\r]*,[ \t\v\f\r]*/);
  while (words.at(-1) === '') words.pop();
  const unknown = words.find(
    (word) => word !== 'all' && word !== 'none' && !alertPhases.some((known) => known === word),
  );
  if (unknown !== undefined) {
    return refuse(
      'unknown-status',
      `the states are all, none, ${alertPhases.join(', ')}, separated by commas`,
      field.span(),
    );
  }
  if (words.includes('none') && words.some((word) => word !== 'none')) {
    return refuse('unknown-status', '"none" can only stand alone', field.span());
  }
  return accept(alertPhases.filter((phase) => words.includes(phase) || words.includes('all')));
};

/** A prefix length, or a mask with ones behind zeros, which the kernel takes; null where the text is no mask. */
export const netmask: Reader<number | string | null> = (field, context) => {
  if (context.section?.family === 'inet6') {
    const length = /^\d+$/.test(field.text) ? Number(field.text) : 0;
    if (length >= 1 && length <= 128) return accept(length);
    return refuse('bad-netmask', 'the netmask of an IPv6 service must be a prefix length from 1 to 128', field.span());
  }
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(field.text)) {
    return refuse('bad-netmask', 'the netmask must be four numbers with dots, such as 255.255.255.0', field.span());
  }
  const mask = parseIPv4(field.text);
  if (mask === null) {
    context.note('useless-netmask', 'this is no mask: each client is taken by itself', field.span());
    return accept(null);
  }
  const ones = Math.clz32(~mask);
  if (mask === prefixMask(ones)) return accept(ones);
  const message = 'a mask with ones behind zeros: clients that are far apart count as one';
  context.note('odd-netmask', message, field.span());
  return accept(formatIPv4(mask));
};

function prefixMask(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
}

/** What `checktype` says: a kind of check, or the number of connect checks between two negotiate checks. */
export interface CheckKind {
  readonly type: CheckType;
  readonly connects: number;
}

export const checkKind: Reader<CheckKind> = (field, context) => {
  const digits = /\d+/.exec(field.text);
  if (digits !== null) {
    const connects = inRange(field, digits, { min: 0, max: count.max }, context.note);
    return connects.ok ? accept({ type: 'combined', connects: connects.value }) : connects;
  }
  const match = /[\w-]+/.exec(field.text);
  const type = namedCheckTypes.find((name) => name === match?.[0]);
  if (match === null || type === undefined) {
    return refuse(
      'unknown-checktype',
      `checktype must be one of ${namedCheckTypes.join(', ')}, or a number`,
      field.span(),
    );
  }
  noteIgnored(subfield(field, match.index + match[0].length), context);
  return accept({ type, connects: 0 });
};
