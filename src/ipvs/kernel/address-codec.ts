/** Addresses as the kernel's attributes hold them: 16 bytes, of which IPv4 uses the first four. */

import { type Attributes, MalformedMessage, requireValue } from '../../netlink/attributes.js';
import { addressFamily } from '../../netlink/constants.js';
import type { MessageWriter } from '../../netlink/message-writer.js';
import { addressText, addressWords } from '../address.js';
import type { Family } from '../table.js';
import { addressSize } from './constants.js';

export function encodeAddress(writer: MessageWriter, type: number, address: string): void {
  writer.networkWords(type, addressWords(address), addressSize);
}

export function decodeAddress(attributes: Attributes, type: number, family: Family): string {
  const size = family === 'inet' ? 4 : addressSize;
  const bytes = requireValue(attributes.bytes(type, size), 'address');
  const words: number[] = [];
  for (let at = 0; at < size; at += 4) words.push(bytes.readUInt32BE(at));
  return addressText(words);
}

export function decodeFamily(number: number): Family {
  if (number === addressFamily.inet) return 'inet';
  if (number === addressFamily.inet6) return 'inet6';
  throw new MalformedMessage(`address family ${number}`);
}
