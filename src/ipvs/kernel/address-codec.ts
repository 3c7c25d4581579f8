/** Addresses as the kernel's attributes hold them: 16 bytes, of which IPv4 uses the first four. */

import { addressText, addressWords } from '../address.js';
import type { Family } from '../table.js';
import { type Attributes, MalformedMessage, requireValue } from './attributes.js';
import { addressFamily, addressSize } from './constants.js';
import type { MessageWriter } from './message-writer.js';

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
