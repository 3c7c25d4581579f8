/** The head of an HTTP/1.1 response: status line and headers (RFC 9112, sections 4 and 5). */

import { ProbeFailure, printable } from './failure.js';

/** RFC 9110, section 5.5: no control character is part of a value. */
const text = String.raw`[\t\x20-\x7e\x80-\xff]*`;
/** Section 4. What has no phrase often has no blank before it either. */
const status = String.raw`HTTP/1\.(\d) ([1-9]\d\d)(?: (${text}))?`;
/** Section 5. */
const field = String.raw`[!#$%&'*+.^_\`|~\w-]+:${text}`;

/** One search for all of it: to go through it line by line takes several times as long. */
const head = new RegExp(String.raw`^${status}\r?\n((?:${field}\r?\n)*)\r?\n`);
const statusLine = new RegExp(`^${status}$`);
export const fieldLine = new RegExp(`^${field}$`);
const foldedLine = new RegExp(`^[\\t ]${text}$`);

/** What decides about the message and the connection, of all fields. */
const controlField = /^(content-length|transfer-encoding|connection|location):([^\r\n]*)/gim;
const eachField = /^([^:\r\n]+):([^\r\n]*)/gm;

export interface Head {
  readonly status: number;
  readonly phrase: string;
  /** Of the version. */
  readonly minor: number;
  /** The lines of the headers. */
  readonly fields: string;
}

/** What decides about the message and the connection: lists, over all lines of a name; null where there is none. */
export interface Control {
  length: string | null;
  codings: string | null;
  connection: string | null;
  location: string | null;
}

const beginning = 'HTTP/1.';

/** Throws where it is plain from the first bytes that this is another protocol, which can wait for us for long. */
export function requireHttp(said: string): void {
  if (said.startsWith(beginning) || beginning.startsWith(said)) return;
  const [line = ''] = said.split('\n', 1);
  throw new ProbeFailure('response headers', `not HTTP/1: it begins with "${printable(line)}"`);
}

/** Of a text that begins with a head, up to its empty line. */
export function parseHead(said: string): Head {
  const found = head.exec(said) ?? head.exec(unfolded(said));
  if (found === null) throw new ProbeFailure('response headers', `not HTTP: ${faultOf(said)}`);
  const [, minor, code, phrase = '', fields = ''] = found;
  return { status: Number(code), phrase: phrase.trim(), minor: Number(minor), fields };
}

/** A line that goes on is an old form, which a client takes for a blank (section 5.2). */
function unfolded(said: string): string {
  const feed = said.indexOf('\n') + 1;
  // The status line does not go on.
  return said.slice(0, feed) + said.slice(feed).replaceAll(/\r?\n[\t ]+/g, ' ');
}

/** What is wrong with a head. */
function faultOf(said: string): string {
  const [first = '', ...lines] = said.split(/\r?\n/);
  if (!statusLine.test(first)) return `"${printable(first)}" is no status line`;
  const fault = lines.find((line, index) => !fieldLine.test(line) && (index === 0 || !foldedLine.test(line)));
  return `"${printable(fault ?? '')}" is no header`;
}

/** Names and values in turn. */
export function headersOf(fields: string): string[] {
  return [...fields.matchAll(eachField)].flatMap(([, name = '', value = '']) => [name, withoutBlanks(value)]);
}

export function controlOf(fields: string): Control {
  const control: Control = { length: null, codings: null, connection: null, location: null };
  controlField.lastIndex = 0;
  for (let found = controlField.exec(fields); found !== null; found = controlField.exec(fields)) {
    const [, name = '', said = ''] = found;
    const value = withoutBlanks(said);
    switch (name.length) {
      case 'location'.length:
        control.location ??= value;
        break;
      case 'connection'.length:
        control.connection = joined(control.connection, value);
        break;
      case 'content-length'.length:
        control.length = joined(control.length, value);
        break;
      default:
        control.codings = joined(control.codings, value);
    }
  }
  return control;
}

function joined(list: string | null, value: string): string {
  return list === null ? value : `${list},${value}`;
}

/** Null where there is none. The same one can come twice; others would be a guess (section 6.3). */
export function lengthOf(list: string | null): number | null {
  if (list === null) return null;
  const [first = '', ...others] = list.split(',').map(withoutBlanks);
  if (!/^\d{1,15}$/.test(first) || others.some((other) => other !== first)) {
    throw new ProbeFailure('response headers', `not HTTP: the Content-Length is "${printable(list)}"`);
  }
  return Number(first);
}

/** In lower case. */
export function membersOf(list: string): string[] {
  return list.toLowerCase().split(',').map(withoutBlanks);
}

const closing = /(?:^|,)[\t ]*close[\t ]*(?:,|$)/i;
const staying = /(?:^|,)[\t ]*keep-alive[\t ]*(?:,|$)/i;

/** Whether the server leaves the connection open, by its `Connection` and its version (RFC 9112, section 9.3). */
export function isPersistent(connection: string | null, minor: number): boolean {
  return minor > 0 ? !closing.test(connection ?? '') : staying.test(connection ?? '');
}

function withoutBlanks(said: string): string {
  let from = 0;
  let to = said.length;
  while (from < to && isBlank(said.charCodeAt(from))) from += 1;
  while (to > from && isBlank(said.charCodeAt(to - 1))) to -= 1;
  return said.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
