/** Packets of RADIUS: an Access-Request with a password in clear (PAP), and the proofs in its answer. */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ProbeFailure } from '../failure.js';

export interface AccessRequest {
  /** 0 to 255. */
  readonly identifier: number;
  /** 16 random bytes. */
  readonly authenticator: Buffer;
  readonly user: Buffer;
  readonly password: Buffer;
  readonly secret: Buffer;
}

const accessRequest = 1;
const attributes = {
  userName: 1,
  userPassword: 2,
  replyMessage: 18,
  nasIdentifier: 32,
  messageAuthenticator: 80,
} as const;

/** Code, identifier, length and authenticator. */
const headerLength = 20;
const proofLength = 16;
/** RFC 2865, section 5.2. */
const longestPassword = 128;
/** Of an attribute's 255 bytes two are its type and length. */
const longestValue = 253;

/** Throws a ProbeFailure where the user's name or password is longer than the protocol allows. */
export function encodeAccessRequest({ identifier, authenticator, user, password, secret }: AccessRequest): Buffer {
  if (user.length > longestValue) throw new ProbeFailure('request', `a login of more than ${longestValue} bytes`);
  if (password.length > longestPassword) {
    throw new ProbeFailure('request', `a passwd of more than ${longestPassword} bytes`);
  }
  const packet = Buffer.concat([
    Buffer.alloc(headerLength),
    // First, as the defence against forged answers wants it, and zero while it is computed (RFC 2869,
    // section 5.14; CVE-2024-3596).
    attribute(attributes.messageAuthenticator, Buffer.alloc(proofLength)),
    // An empty attribute is none.
    user.length === 0 ? Buffer.alloc(0) : attribute(attributes.userName, user),
    attribute(attributes.userPassword, hidden(password, secret, authenticator)),
    attribute(attributes.nasIdentifier, Buffer.from('ldirectord')),
  ]);
  packet.writeUInt8(accessRequest, 0);
  packet.writeUInt8(identifier, 1);
  packet.writeUInt16BE(packet.length, 2);
  authenticator.copy(packet, 4);
  createHmac('md5', secret)
    .update(packet)
    .digest()
    .copy(packet, headerLength + 2);
  return packet;
}

function attribute(type: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, value.length + 2]), value]);
}

/** RFC 2865, section 5.2: each 16 bytes are hidden by a digest of the secret and the 16 hidden before. */
function hidden(password: Buffer, secret: Buffer, authenticator: Buffer): Buffer {
  const padded = Buffer.alloc(Math.max(16, Math.ceil(password.length / 16) * 16));
  password.copy(padded);
  let before = authenticator;
  for (let start = 0; start < padded.length; start += 16) {
    const mask = createHash('md5').update(secret).update(before).digest();
    for (const [index, byte] of mask.entries()) padded[start + index] = (padded[start + index] ?? 0) ^ byte;
    before = padded.subarray(start, start + 16);
  }
  return padded;
}

/**
 * Whether an answer is from one who knows the secret: by its authenticator (RFC 2865, section 3) and, where it
 * has one, its Message-Authenticator, which older servers do not send.
 */
export function isGenuine(answer: Buffer, { identifier, authenticator, secret }: AccessRequest): boolean {
  const packet = whole(answer);
  if (packet === null || packet[1] !== identifier) return false;
  const asked = Buffer.from(packet);
  authenticator.copy(asked, 4);
  const expected = createHash('md5').update(asked).update(secret).digest();
  if (!timingSafeEqual(expected, packet.subarray(4, headerLength))) return false;
  for (const { type, start, end } of attributesOf(packet) ?? []) {
    if (type !== attributes.messageAuthenticator) continue;
    if (end - start !== proofLength) return false;
    const proof = packet.subarray(start, end);
    const unproven = Buffer.from(asked).fill(0, start, end);
    return timingSafeEqual(createHmac('md5', secret).update(unproven).digest(), proof);
  }
  return attributesOf(packet) !== null;
}

/** What the server says to the user, empty where it says nothing. */
export function replyMessages(answer: Buffer): string {
  const packet = whole(answer) ?? Buffer.alloc(0);
  return (attributesOf(packet) ?? [])
    .filter(({ type }) => type === attributes.replyMessage)
    .map(({ start, end }) => packet.toString('utf8', start, end))
    .join(' ');
}

/** Without what follows its length; null where it is shorter than that. */
function whole(answer: Buffer): Buffer | null {
  const length = answer.length < headerLength ? 0 : answer.readUInt16BE(2);
  return length < headerLength || length > answer.length ? null : answer.subarray(0, length);
}

interface Attribute {
  readonly type: number;
  /** Of its value within the packet. */
  readonly start: number;
  readonly end: number;
}

/** Null where they do not fill the packet exactly. */
function attributesOf(packet: Buffer): Attribute[] | null {
  const found: Attribute[] = [];
  for (let at = headerLength; at < packet.length; ) {
    const [type, length = 0] = packet.subarray(at, at + 2);
    if (type === undefined || length < 2 || at + length > packet.length) return null;
    found.push({ type, start: at + 2, end: at + length });
    at += length;
  }
  return found;
}
