/** Takes a datagram apart into messages, and acknowledgements into what they say. */

import { Attributes, MalformedMessage } from './attributes.js';
import { ackAttribute, flag, genericHeader, messageHeader } from './constants.js';

/** One message of a datagram: its header, and where its payload is. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

export interface NetlinkAnswer {
  /** 0 where the request was carried out, otherwise the number of an errno. */
  readonly errno: number;
  /** What the kernel says about it beyond the number, if anything. */
  readonly text: string | null;
}

export const success: NetlinkAnswer = { errno: 0, text: null };

/** The messages of a datagram, in order. Throws MalformedMessage at the first whose length cannot be. */
export function* messagesOf(buffer: Buffer): Generator<Message, void> {
  let at = 0;
  while (at < buffer.length) {
    if (buffer.length - at < messageHeader) throw new MalformedMessage(`${buffer.length - at} bytes at the end`);
    const length = buffer.readUInt32LE(at);
    if (length < messageHeader || length > buffer.length - at) {
      throw new MalformedMessage(`a message of ${length} bytes where ${buffer.length - at} are left`);
    }
    yield {
      type: buffer.readUInt16LE(at + 4),
      flags: buffer.readUInt16LE(at + 6),
      sequence: buffer.readUInt32LE(at + 8),
      buffer,
      start: at + messageHeader,
      end: at + length,
    };
    at += (length + 3) & ~3;
  }
}

/** The attributes of a message, behind its family's own header of so many bytes. */
export function attributesOf({ buffer, start, end }: Message, header = genericHeader): Attributes {
  if (end - start < header) throw new MalformedMessage('no header of its family');
  return new Attributes(buffer, start + header, end);
}

/** Of an NLMSG_ERROR: struct nlmsgerr, then the request it answers unless that was left out, then attributes. */
export function acknowledgement(message: Message): NetlinkAnswer {
  const { buffer, start, end, flags } = message;
  if (end - start < 4 + messageHeader) throw new MalformedMessage('an acknowledgement cut short');
  const errno = 0 - buffer.readInt32LE(start);
  if (errno === 0 && !(flags & flag.extended)) return success;
  // The length of the request is a number of the peer's: too large for bitwise operations, perhaps.
  const request = flags & flag.capped || errno === 0 ? messageHeader : buffer.readUInt32LE(start + 4);
  return { errno, text: extendedText(message, start + 4 + Math.ceil(request / 4) * 4) };
}

/** Of an NLMSG_DONE: the error that ended the dump early, if any, then attributes. */
export function dumpEnd(message: Message): NetlinkAnswer {
  const { buffer, start, end } = message;
  if (end - start < 4) return success;
  const errno = 0 - buffer.readInt32LE(start);
  return errno > 0 ? { errno, text: extendedText(message, start + 4) } : success;
}

function extendedText({ buffer, end, flags }: Message, start: number): string | null {
  if (!(flags & flag.extended) || start > end) return null;
  return new Attributes(buffer, start, end).string(ackAttribute.message) ?? null;
}
