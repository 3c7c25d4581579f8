/** What IPVS says of itself, and the timeouts of its connections, to bytes and back. */

import { type Attributes, requireValue } from '../../netlink/attributes.js';
import type { MessageWriter } from '../../netlink/message-writer.js';
import { commandAttribute, infoAttribute } from './constants.js';

export interface KernelInfo {
  /** `1.2.1`. */
  readonly version: string;
  /** Rows of the hash table of connections. */
  readonly tableSize: number;
}

/** Seconds after which an idle connection is forgotten. */
export interface Timeouts {
  readonly tcp: number;
  readonly tcpFin: number;
  readonly udp: number;
}

export function decodeInfo(attributes: Attributes): KernelInfo {
  const version = requireValue(attributes.u32(infoAttribute.version), 'version of IPVS');
  return {
    version: `${(version >>> 16) & 0xff}.${(version >>> 8) & 0xff}.${version & 0xff}`,
    tableSize: requireValue(attributes.u32(infoAttribute.tableSize), 'size of the connection table'),
  };
}

/** The kernel keeps what is left out or 0. */
export function encodeTimeouts(writer: MessageWriter, { tcp, tcpFin, udp }: Partial<Timeouts>): void {
  if (tcp !== undefined) writer.u32(commandAttribute.timeoutTcp, tcp);
  if (tcpFin !== undefined) writer.u32(commandAttribute.timeoutTcpFin, tcpFin);
  if (udp !== undefined) writer.u32(commandAttribute.timeoutUdp, udp);
}

/** A kernel that was built without one of the protocols leaves its timeouts out: they are 0. */
export function decodeTimeouts(attributes: Attributes): Timeouts {
  return {
    tcp: attributes.u32(commandAttribute.timeoutTcp) ?? 0,
    tcpFin: attributes.u32(commandAttribute.timeoutTcpFin) ?? 0,
    udp: attributes.u32(commandAttribute.timeoutUdp) ?? 0,
  };
}
