/** Where packets of packet(7) come from and go to. */

import { endianness } from 'node:os';

export const packetFamily = 17;

const littleEndian = endianness() === 'LE';

/** A struct sockaddr_ll. The protocol is an EtherType. */
export function linkAddress(index: number, protocol: number, hardware: Uint8Array = new Uint8Array()): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(20));
  bytes.setUint16(0, packetFamily, littleEndian);
  bytes.setUint16(2, protocol);
  bytes.setInt32(4, index, littleEndian);
  bytes.setUint8(11, hardware.length);
  const address = new Uint8Array(bytes.buffer);
  address.set(hardware, 12);
  return address;
}

/** What socket(2) takes of a protocol: the EtherType in the order of the network. */
export function networkOrder(protocol: number): number {
  return littleEndian ? ((protocol & 0xff) << 8) | (protocol >>> 8) : protocol;
}
