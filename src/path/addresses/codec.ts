/** Addresses and devices as the kernel tells of them, and is asked for, over rtnetlink(7). */

import { addressText, addressWords } from '../../ipvs/address.js';
import { type Attributes, requireValue } from '../../netlink/attributes.js';
import { addressFamily, flag } from '../../netlink/constants.js';
import type { MessageWriter } from '../../netlink/message-writer.js';
import { attributesOf, type Message } from '../../netlink/messages.js';
import {
  addressAttribute,
  addressHeader,
  createOnly,
  ethernet,
  ethernetAddress,
  forever,
  linkAttribute,
  linkFlag,
  linkHeader,
  noDuplicateDetection,
  replace,
  routeMessage,
} from './numbers.js';
import type { AddressPlace } from './wanted.js';

export interface Device {
  readonly name: string;
  readonly index: number;
  readonly isUp: boolean;
  /** Whether packets go out at the other end of what is below it: the cable is in. */
  readonly isConnected: boolean;
  /** Its Ethernet address, where neighbours on it ask who has an address; otherwise null. */
  readonly hardware: Uint8Array | null;
}

/** By index, since devices change their names. */
export interface StandingAddress extends Omit<AddressPlace, 'device'> {
  readonly index: number;
  readonly prefix: number;
  /** Of IPv4 alone. */
  readonly label: string | null;
  /** Seconds after which the kernel removes it; null is never. */
  readonly lifetime: number | null;
}

export type AddressChange =
  /** `renew`: one that stands, for another lifetime. */
  | { readonly type: 'add' | 'renew'; readonly address: StandingAddress }
  | { readonly type: 'remove'; readonly address: Omit<StandingAddress, 'label' | 'lifetime'> };

/** Null for an address of another family. Throws MalformedMessage. */
export function decodeAddress(message: Message): StandingAddress | null {
  const attributes = attributesOf(message, addressHeader);
  const { buffer, start } = message;
  const family = familyOf(buffer.readUInt8(start));
  if (family === null) return null;
  // On a link between two ends, IFA_ADDRESS is the other one's.
  const bytes = requireValue(
    bytesOf(attributes, addressAttribute.local, family) ?? bytesOf(attributes, addressAttribute.address, family),
    'address',
  );
  const words = Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32BE(4 * index));
  return {
    family,
    address: addressText(words),
    prefix: buffer.readUInt8(start + 1),
    index: buffer.readUInt32LE(start + 4),
    label: attributes.string(addressAttribute.label) ?? null,
    lifetime: lifetimeOf(attributes),
  };
}

/** Throws MalformedMessage. */
export function decodeDevice(message: Message): Device {
  const attributes = attributesOf(message, linkHeader);
  const { buffer, start } = message;
  const flags = buffer.readUInt32LE(start + 8);
  const hasNeighbours = buffer.readUInt16LE(start + 2) === ethernet && !(flags & (linkFlag.loopback | linkFlag.noArp));
  const hardware = hasNeighbours ? attributes.bytes(linkAttribute.hardware, ethernetAddress) : undefined;
  return {
    name: requireValue(attributes.string(linkAttribute.name), 'name of a device'),
    index: buffer.readInt32LE(start + 4),
    isUp: (flags & linkFlag.up) !== 0,
    isConnected: (flags & linkFlag.up) !== 0 && (flags & linkFlag.lowerUp) !== 0,
    // The datagram is not kept.
    hardware: hardware === undefined ? null : Uint8Array.from(hardware),
  };
}

export function encodeAddressDump(writer: MessageWriter, sequence: number): void {
  const flags = flag.request | flag.dump;
  writer.begin({ type: routeMessage.getAddress, flags, sequence }, new Array<number>(addressHeader).fill(0));
  writer.end();
}

export function encodeDeviceQuestion(writer: MessageWriter, sequence: number, name: string): void {
  const flags = flag.request | flag.ack;
  writer.begin({ type: routeMessage.getLink, flags, sequence }, new Array<number>(linkHeader).fill(0));
  writer.string(linkAttribute.name, name);
  writer.end();
}

export function encodeChange(writer: MessageWriter, sequence: number, change: AddressChange): void {
  const { family, address, prefix, index } = change.address;
  const isNew = change.type !== 'remove';
  const type = isNew ? routeMessage.newAddress : routeMessage.deleteAddress;
  const flags = flag.request | flag.ack | { add: createOnly, renew: replace, remove: 0 }[change.type];
  // Detection of duplicates would keep an address of IPv6 from use for a second, and for good where another director,
  // which is about to lose it, still answers.
  const own = isNew && family === 'inet6' ? noDuplicateDetection : 0;
  const bytes = [0, 8, 16, 24].map((shift) => (index >>> shift) & 0xff);
  writer.begin({ type, flags, sequence }, [addressFamily[family], prefix, own, 0, ...bytes]);
  const words = addressWords(address);
  // The kernel removes the one with these, and none that has the address with another prefix.
  writer.networkWords(addressAttribute.local, words, 4 * words.length);
  writer.networkWords(addressAttribute.address, words, 4 * words.length);
  if (isNew && family === 'inet' && change.address.label !== null) {
    writer.string(addressAttribute.label, change.address.label);
  }
  // Never preferred: the director's own connections, checks above all, do not come from it (RFC 6724, rule 3). One of
  // IPv4 with /32 is theirs only on a device that has no address in the next hop's network.
  const lifetime = change.type === 'remove' ? null : change.address.lifetime;
  const [preferred, valid] = [family === 'inet6' ? 0 : (lifetime ?? forever), lifetime ?? forever];
  const isPlain = change.type === 'add' && family === 'inet' && lifetime === null;
  if (isNew && !isPlain) writer.u32s(addressAttribute.cacheInfo, [preferred, valid, 0, 0]);
  writer.end();
}

/** Of struct ifa_cacheinfo: preferred, valid, and when it was made and changed. */
function lifetimeOf(attributes: Attributes): number | null {
  const seconds = attributes.bytes(addressAttribute.cacheInfo, 16)?.readUInt32LE(4) ?? forever;
  return seconds === forever ? null : seconds;
}

function familyOf(number: number): AddressPlace['family'] | null {
  if (number === addressFamily.inet) return 'inet';
  return number === addressFamily.inet6 ? 'inet6' : null;
}

function bytesOf(attributes: Attributes, type: number, family: AddressPlace['family']): Buffer | undefined {
  return attributes.bytes(type, family === 'inet' ? 4 : 16);
}
