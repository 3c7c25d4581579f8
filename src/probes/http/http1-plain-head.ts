/**
 * The head of an HTTP/1.1 response as nearly all are: all of it there, well formed, and with nothing in it that takes more
 * than a look. Read byte by byte, and nothing made for it: text and expressions take a check of a kept connection as long
 * as all else that it does with an answer. Everything else is for `http1-head.ts`, and means there what it means here.
 */

/** What decides about the message and the connection. One place, written anew for each head. */
export interface PlainHead {
  status: number;
  /** Of the version. */
  minor: number;
  /** -1 where there is no Content-Length. */
  length: number;
  isChunked: boolean;
  isPersistent: boolean;
}

const cr = 0x0d;
const lf = 0x0a;
const blank = 0x20;
const tab = 0x09;
const colon = 0x3a;

/** By byte: whether it can be part of a value, and of a name. As in `http1-head.ts`. */
const ofValue = Uint8Array.from({ length: 256 }, (_, byte) => Number(byte === tab || (byte >= blank && byte !== 0x7f)));
const ofName = Uint8Array.from({ length: 256 }, (_, byte) => Number(byte > blank && byte !== 0x7f && byte !== colon));

const start = Buffer.from('HTTP/1.');
const names = {
  length: Buffer.from('content-length'),
  codings: Buffer.from('transfer-encoding'),
  connection: Buffer.from('connection'),
  location: Buffer.from('location'),
} as const;
const values = {
  chunked: Buffer.from('chunked'),
  close: Buffer.from('close'),
  staying: Buffer.from('keep-alive'),
} as const;
/** Digits of a length that is taken here. */
const longestLength = 15;

/** Where what follows the head begins; -1 where it is not as above, or not all there before `end`. */
export function readPlainHead(bytes: Uint8Array, from: number, end: number, head: PlainHead): number {
  // The shortest one: `HTTP/1.1 200`, and two ends of lines.
  if (end - from < 14 || !holds(bytes, from, start.length, start)) return -1;
  const minor = digitAt(bytes, from + 7);
  const [hundreds, tens, ones] = [digitAt(bytes, from + 9), digitAt(bytes, from + 10), digitAt(bytes, from + 11)];
  if (minor < 0 || bytes[from + 8] !== blank || hundreds < 2 || tens < 0 || ones < 0) return -1;
  head.status = hundreds * 100 + tens * 10 + ones;
  head.minor = minor;
  head.length = -1;
  head.isChunked = false;
  head.isPersistent = minor > 0;
  let at = from + 12;
  // With a phrase or without.
  if (bytes[at] === blank) at = endOfValue(bytes, at, end);
  let hasConnection = false;
  for (;;) {
    at = afterLine(bytes, at, end);
    if (at < 0 || at >= end) return -1;
    const byte = bytes[at];
    if (byte === cr || byte === lf) return afterLine(bytes, at, end);
    const name = at;
    while (at < end && ofName[bytes[at] ?? 0] === 1) at += 1;
    if (at === name || at >= end || bytes[at] !== colon) return -1;
    const size = at - name;
    const value = at + 1;
    at = endOfValue(bytes, value, end);
    if (size === names.length.length && holds(bytes, name, size, names.length)) {
      if (head.length >= 0) return -1;
      head.length = numberIn(bytes, value, at);
      if (head.length < 0) return -1;
    } else if (size === names.codings.length && holds(bytes, name, size, names.codings)) {
      if (head.isChunked || !isValue(bytes, value, at, values.chunked)) return -1;
      head.isChunked = true;
    } else if (size === names.connection.length && holds(bytes, name, size, names.connection)) {
      if (hasConnection) return -1;
      hasConnection = true;
      if (isValue(bytes, value, at, values.staying)) head.isPersistent = true;
      else if (isValue(bytes, value, at, values.close)) head.isPersistent = false;
      else return -1;
    } else if (size === names.location.length && holds(bytes, name, size, names.location)) {
      return -1;
    }
  }
}

function digitAt(bytes: Uint8Array, at: number): number {
  const digit = (bytes[at] ?? 0) - 0x30;
  return digit >= 0 && digit <= 9 ? digit : -1;
}

/** Whether there is this word, in whatever case; it is given in lower case. */
function holds(bytes: Uint8Array, from: number, size: number, word: Uint8Array): boolean {
  for (let index = 0; index < size; index += 1) {
    const byte = bytes[from + index] ?? 0;
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    // The version is written in capitals.
    if (lower !== word[index] && byte !== word[index]) return false;
  }
  return true;
}

function endOfValue(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && ofValue[bytes[at] ?? 0] === 1) at += 1;
  return at;
}

/** -1 where there is no end of a line. */
function afterLine(bytes: Uint8Array, from: number, end: number): number {
  const at = from < end && bytes[from] === cr ? from + 1 : from;
  return at < end && bytes[at] === lf ? at + 1 : -1;
}

function isBlank(byte: number | undefined): boolean {
  return byte === blank || byte === tab;
}

/** Whether a value is this word alone, between blanks. */
function isValue(bytes: Uint8Array, from: number, to: number, word: Uint8Array): boolean {
  let [first, last] = [from, to];
  while (first < last && isBlank(bytes[first])) first += 1;
  while (last > first && isBlank(bytes[last - 1])) last -= 1;
  return last - first === word.length && holds(bytes, first, word.length, word);
}

/** -1 where a value is no plain number between blanks. */
function numberIn(bytes: Uint8Array, from: number, to: number): number {
  let [first, last] = [from, to];
  while (first < last && isBlank(bytes[first])) first += 1;
  while (last > first && isBlank(bytes[last - 1])) last -= 1;
  if (first === last || last - first > longestLength) return -1;
  if (bytes[first] === 0x30 && last - first > 1) return -1;
  let number = 0;
  for (let at = first; at < last; at += 1) {
    const digit = digitAt(bytes, at);
    if (digit < 0) return -1;
    number = number * 10 + digit;
  }
  return number;
}
