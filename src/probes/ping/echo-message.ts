/**
 * Echo requests and their replies: RFC 792 and RFC 4443, 4.1 and 4.2.
 *
 *     type · code · checksum (2) · identifier (2) · sequence number (2) · request number (4) · token (8)
 *
 * A reply repeats what comes after the identifier. The request's number tells which one it answers, since 16 bits of
 * a sequence are too few for that; the token, which nobody can guess, that it was heard at all.
 */

import { randomFillSync } from 'node:crypto';
import type { Version } from './socket-address.js';

/** Types of request and reply. */
export const requestTypes = { 4: 8, 6: 128 } as const;
export const replyTypes = { 4: 0, 6: 129 } as const;

export const messageSize = 20;
const checksumOffset = 2;
export const identifierOffset = 4;
const sequenceOffset = 6;
const numberOffset = 8;
const tokenOffset = 12;

/** Bytes of tokens that are drawn at once: each draw costs microseconds, whatever its size. */
const tokens = Buffer.alloc(4096);
let nextToken = tokens.length;

/** A request; the number has 32 bits. The checksum is that of version 4; the kernel computes those of version 6. */
export function echoRequest(version: Version, identifier: number, number: number): Uint8Array {
  const message = Buffer.alloc(messageSize);
  message[0] = requestTypes[version];
  message.writeUInt16BE(identifier, identifierOffset);
  message.writeUInt16BE(number & 0xffff, sequenceOffset);
  message.writeUInt32BE(number, numberOffset);
  if (nextToken === tokens.length) {
    randomFillSync(tokens);
    nextToken = 0;
  }
  tokens.copy(message, tokenOffset, nextToken, nextToken + messageSize - tokenOffset);
  nextToken += messageSize - tokenOffset;
  message.writeUInt16BE(checksum(message), checksumOffset);
  return message;
}

/** The number of the request that a message of at least `messageSize` bytes repeats. */
export function numberOf(message: Uint8Array): number {
  let number = 0;
  for (let at = numberOffset; at < tokenOffset; at += 1) number = (number << 8) | (message[at] ?? 0);
  return number >>> 0;
}

/** Whether a message repeats sequence number, request number and token of a request. */
export function repeats(message: Uint8Array, request: Uint8Array): boolean {
  for (let at = sequenceOffset; at < messageSize; at += 1) if (message[at] !== request[at]) return false;
  return true;
}

/** RFC 1071. */
function checksum(message: Buffer): number {
  let sum = 0;
  for (let at = 0; at < message.length; at += 2) sum += message.readUInt16BE(at);
  sum = (sum >>> 16) + (sum & 0xffff);
  sum += sum >>> 16;
  return ~sum & 0xffff;
}
