/**
 * Echo requests and their replies: RFC 792; RFC 4443, 4.1 and 4.2.
 *
 *     type (1) · code (1) · checksum (2) · identifier (2) · sequence number (2) · request number (4) · token (8)
 *
 * A reply repeats what comes after the checksum. The request's number tells which one it answers: the 16 bits of a
 * sequence number are too few. The token, which nobody can guess, shows that it was heard.
 */

import { randomFillSync } from 'node:crypto';
import type { Version } from '../sockets/host-address.js';

/** What makes a request different from all others. */
export interface Mark {
  /** 32 bits each, as numbers with a sign: of those V8 makes no objects. */
  readonly number: number;
  readonly tokenHigh: number;
  readonly tokenLow: number;
}

export const requestTypes = { 4: 8, 6: 128 } as const;
export const replyTypes = { 4: 0, 6: 129 } as const;

/** Bytes. */
export const messageSize = 20;
export const identifierOffset = 4;
const checksumOffset = 2;
const sequenceOffset = 6;
const numberOffset = 8;
const tokenOffset = 12;

/** Tokens are drawn together: to draw costs a microsecond, however little it is. */
const random = new Int32Array(1024);
let nextRandom = random.length;

/** Half of a token. */
export function drawToken(): number {
  if (nextRandom === random.length) {
    randomFillSync(random);
    nextRandom = 0;
  }
  nextRandom += 1;
  return random[nextRandom - 1] ?? 0;
}

/** To where its `messageSize` bytes begin. The checksum is that of version 4; the kernel computes those of version 6. */
export function writeRequest(place: DataView, start: number, version: Version, identifier: number, mark: Mark): void {
  place.setUint16(start, requestTypes[version] << 8);
  place.setUint16(start + checksumOffset, 0);
  place.setUint16(start + identifierOffset, identifier);
  place.setUint16(start + sequenceOffset, mark.number & 0xffff);
  place.setInt32(start + numberOffset, mark.number);
  place.setInt32(start + tokenOffset, mark.tokenHigh);
  place.setInt32(start + tokenOffset + 4, mark.tokenLow);
  place.setUint16(start + checksumOffset, checksum(place, start));
}

/** The number of the request that a message repeats, whose `messageSize` bytes begin at `start`. */
export function numberIn(place: DataView, start: number): number {
  return place.getInt32(start + numberOffset);
}

/** Whether the message repeats all of what marks the request. */
export function repeats(place: DataView, start: number, mark: Mark): boolean {
  return (
    place.getUint16(start + sequenceOffset) === (mark.number & 0xffff) &&
    place.getInt32(start + numberOffset) === mark.number &&
    place.getInt32(start + tokenOffset) === mark.tokenHigh &&
    place.getInt32(start + tokenOffset + 4) === mark.tokenLow
  );
}

/** RFC 1071. */
function checksum(place: DataView, start: number): number {
  let sum = 0;
  for (let at = start; at < start + messageSize; at += 2) sum += place.getUint16(at);
  sum = (sum >>> 16) + (sum & 0xffff);
  sum += sum >>> 16;
  return ~sum & 0xffff;
}
