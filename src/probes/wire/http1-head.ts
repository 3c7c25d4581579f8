/** The head of an HTTP/1.1 response: status line and headers (RFC 9112, sections 4 and 5). */

import { ProbeFailure, printable } from './failure.js';

/** Section 4. What has no phrase often has no blank before it either. */
const statusLine = /^HTTP\/1\.(\d) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
/** Section 5, and RFC 9110, section 5.5: no control character is part of a value. */
export const fieldLine = /^[!#$%&'*+.^_`|~\w-]+:[\t\x20-\x7e\x80-\xff]*$/;
const foldedLine = /^[\t ][\t\x20-\x7e\x80-\xff]*$/;
const carriageReturn = 13;

export interface Head {
  readonly status: number;
  readonly phrase: string;
  /** Of the version. */
  readonly minor: number;
  /** Names and values in turn. */
  readonly headers: string[];
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
export function requireHttp(text: string): void {
  if (text.startsWith(beginning) || beginning.startsWith(text)) return;
  const [line = ''] = text.split('\n', 1);
  throw new ProbeFailure('response headers', `not HTTP/1: it begins with "${printable(line)}"`);
}

/** Of a text that ends with the empty line. */
export function parseHead(text: string): Head {
  const first = lineAt(text, 0);
  const [, minor, status, phrase = ''] = statusLine.exec(first) ?? [];
  if (status === undefined) {
    throw new ProbeFailure('response headers', `not HTTP: "${printable(first)}" is no status line`);
  }
  const headers: string[] = [];
  for (let at = text.indexOf('\n') + 1; ; at = text.indexOf('\n', at) + 1) {
    const line = lineAt(text, at);
    if (line === '') break;
    takeField(line, headers);
  }
  return { status: Number(status), phrase: phrase.trim(), minor: Number(minor), headers };
}

/** Without its end. */
function lineAt(text: string, at: number): string {
  const feed = text.indexOf('\n', at);
  return text.slice(at, feed > at && text.charCodeAt(feed - 1) === carriageReturn ? feed - 1 : feed);
}

function takeField(line: string, headers: string[]): void {
  if (fieldLine.test(line)) {
    const colon = line.indexOf(':');
    headers.push(line.slice(0, colon), withoutBlanks(line.slice(colon + 1)));
    return;
  }
  const value = headers.pop();
  // A line that goes on is an old form, which a client takes for a blank (section 5.2).
  if (value === undefined || !foldedLine.test(line)) {
    throw new ProbeFailure('response headers', `not HTTP: "${printable(line)}" is no header`);
  }
  headers.push(withoutBlanks(`${value} ${withoutBlanks(line)}`));
}

function withoutBlanks(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

export function controlOf(headers: readonly string[]): Control {
  const control: Control = { length: null, codings: null, connection: null, location: null };
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [name = '', value = ''] = [headers[at], headers[at + 1]];
    switch (name.length) {
      case 8:
        if (name.toLowerCase() === 'location') control.location ??= value;
        break;
      case 10:
        if (name.toLowerCase() === 'connection') control.connection = joined(control.connection, value);
        break;
      case 14:
        if (name.toLowerCase() === 'content-length') control.length = joined(control.length, value);
        break;
      case 17:
        if (name.toLowerCase() === 'transfer-encoding') control.codings = joined(control.codings, value);
        break;
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
export function membersOf(list: string | null): string[] {
  if (list === null) return [];
  return list.toLowerCase().split(',').map(withoutBlanks);
}
