/** What tells neighbours that an address is here: ARP of RFC 826 and 5227, neighbour advertisements of RFC 4861. */

import { addressWords } from '../../ipvs/address.js';
import type { Device } from './codec.js';
import type { AddressPlace } from './wanted.js';

/** A packet without its link's header, which the kernel makes. */
export interface Frame {
  /** An EtherType. */
  readonly protocol: number;
  readonly destination: Uint8Array;
  readonly payload: Uint8Array;
}

const etherType = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;
const everybody = new Uint8Array(6).fill(0xff);
/** Of all nodes on the link: ff02::1, and the Ethernet address for it (RFC 2464, 7). */
const allNodes = [0xff020000, 0, 0, 1];
const allNodesHardware = Uint8Array.of(0x33, 0x33, 0, 0, 0, 1);
const arpRequest = 1;
const arpReply = 2;
const icmp6 = 58;
const neighbourAdvertisement = 136;
/** Flags of it: the sender is a router; what the receiver knows is to be replaced. */
const router = 0x8000_0000;
const override = 0x2000_0000;
const targetLinkLayerAddress = 2;

/** Null where nobody on the device asks for hardware addresses. */
export function announcement(
  { family, address }: Pick<AddressPlace, 'family' | 'address'>,
  { hardware }: Pick<Device, 'hardware'>,
  isRouter: boolean,
): readonly Frame[] | null {
  if (hardware === null) return null;
  if (family === 'inet6') return [advertisement(address, hardware, isRouter)];
  // Some take an announcement only as a request, which RFC 5227 wants, some only as a reply.
  return [arp(arpRequest, address, hardware), arp(arpReply, address, hardware)];
}

function arp(operation: number, address: string, hardware: Uint8Array): Frame {
  const bytes = new DataView(new ArrayBuffer(28));
  const [word = 0] = addressWords(address);
  bytes.setUint16(0, 1);
  bytes.setUint16(2, etherType.ipv4);
  bytes.setUint8(4, 6);
  bytes.setUint8(5, 4);
  bytes.setUint16(6, operation);
  const payload = new Uint8Array(bytes.buffer);
  payload.set(hardware, 8);
  bytes.setUint32(14, word);
  // A request asks nobody in particular; a reply names everybody, whom it is sent to.
  if (operation === arpReply) payload.set(everybody, 18);
  bytes.setUint32(24, word);
  return { protocol: etherType.arp, destination: everybody, payload };
}

/** Unsolicited: RFC 4861, 7.2.6. */
function advertisement(address: string, hardware: Uint8Array, isRouter: boolean): Frame {
  const [header, length] = [40, 32];
  const bytes = new DataView(new ArrayBuffer(header + length));
  const words = addressWords(address);
  bytes.setUint8(0, 6 << 4);
  bytes.setUint16(4, length);
  bytes.setUint8(6, icmp6);
  // What has passed a router does not count (RFC 4861, 7.1.2).
  bytes.setUint8(7, 255);
  for (const [index, word] of words.entries()) bytes.setUint32(8 + 4 * index, word);
  for (const [index, word] of allNodes.entries()) bytes.setUint32(24 + 4 * index, word);
  bytes.setUint8(header, neighbourAdvertisement);
  // Without the flag neighbours would take a router from their list of routers (RFC 4861, 7.2.5).
  bytes.setUint32(header + 4, (override | (isRouter ? router : 0)) >>> 0);
  for (const [index, word] of words.entries()) bytes.setUint32(header + 8 + 4 * index, word);
  bytes.setUint8(header + 24, targetLinkLayerAddress);
  bytes.setUint8(header + 25, 1);
  const payload = new Uint8Array(bytes.buffer);
  payload.set(hardware, header + 26);
  bytes.setUint16(header + 2, checksum(bytes, header, length));
  return { protocol: etherType.ipv6, destination: allNodesHardware, payload };
}

/** Of RFC 1071, over the pseudo-header of RFC 8200, 8.1, and what follows the header. */
function checksum(bytes: DataView, header: number, length: number): number {
  let sum = length + icmp6;
  for (let at = 8; at < header + length; at += 2) sum += bytes.getUint16(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
