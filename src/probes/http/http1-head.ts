/** The head of an HTTP/1.1 response: status line and headers (RFC 9112, sections 4 and 5). */

import { ProbeFailure, printable } from '../failure.js';
import { locationOf } from './http-message.js';
import { forgive } from './http1-forgiven.js';

/** RFC 9110, section 5.5: no control character is part of a value. */
const text = String.raw`[\t\x20-\x7e\x80-\xff]*`;
/** Section 4. What has no phrase often has no blank before it either. */
const status = String.raw`HTTP/1\.(\d) ([1-9]\d\d)(?: (${text}))?`;
/** Section 5, but for the characters of a name: some servers put others into it, and all clients let them. */
const field = String.raw`[!-9;-~\x80-\xff]+:${text}`;

/** One search for all of it: to go through it line by line takes several times as long. */
const head = new RegExp(String.raw`^${status}\r?\n((?:${field}\r?\n)*)\r?\n`);

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

/** The second one is that of streams of music, which players and browsers take for HTTP/1.0. */
const beginnings = ['HTTP/', 'ICY '] as const;
/** Characters from which it is plain which of them it is. */
export const beginningLength = 5;

/** Throws where it is plain from the first bytes that this is another protocol, which can wait for us for long. */
export function requireHttp(said: string): void {
  if (said.startsWith(beginnings[0])) return;
  const start = said.slice(0, beginningLength).toUpperCase();
  if (beginnings.some((beginning) => start.startsWith(beginning) || beginning.startsWith(start))) return;
  const [line = ''] = said.split('\n', 1);
  throw new ProbeFailure('response headers', `not HTTP/1: it begins with "${printable(line)}"`);
}

/** Of a text that begins with a head, up to its empty line. Throws where it has no status. */
export function parseHead(said: string): Head {
  const found = head.exec(said) ?? head.exec(forgive(said));
  if (found === null) {
    const [line = ''] = said.split(/\r?\n/, 1);
    throw new ProbeFailure('response headers', `not HTTP: "${printable(line)}" is no status line`);
  }
  const [, minor, code, phrase = '', fields = ''] = found;
  return { status: Number(code), phrase: phrase.trim(), minor: Number(minor), fields };
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
        control.location ??= locationOf(value);
        break;
      case 'connection'.length:
        control.connection = joinValues(control.connection, value);
        break;
      case 'content-length'.length:
        control.length = joinValues(control.length, value);
        break;
      default:
        control.codings = joinValues(control.codings, value);
    }
  }
  return control;
}

function joinValues(list: string | null, value: string): string {
  return list === null ? value : `${list},${value}`;
}

/** Null where there is none. The same one can come twice; others would be a guess (section 6.3), which is NaN. */
export function lengthOf(list: string | null): number | null {
  if (list === null) return null;
  const [first = '', ...others] = list.split(',').map(withoutBlanks);
  const isSound = /^\+?\d{1,15}$/.test(first) && others.every((other) => other === first);
  return isSound ? Number(first) : Number.NaN;
}

/**
 * The codings that are to be undone, in lower case. An older standard had one by the name of identity, which is none;
 * where nothing else is named the length counts (RFC 2616, section 4.4).
 */
export function codingsOf(list: string | null): readonly string[] {
  if (list === null) return [];
  const codings = list.toLowerCase().split(',').map(withoutBlanks);
  return codings.filter((coding) => coding !== '' && coding !== 'identity');
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
