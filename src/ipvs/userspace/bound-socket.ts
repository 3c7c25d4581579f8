/** Sockets bound to the addresses of services, whether this machine has them already or not. */

import { endianness } from 'node:os';
import {
  bind,
  close,
  closeOnExec,
  interfaceIndex,
  nonBlocking,
  setsockopt,
  socket,
  systemError,
} from '../../system/libc.js';
import { addressWords } from '../address.js';
import { endpointText } from '../table.js';
import type { AddressedService } from './listener.js';

/** Of socket(2) and socket(7). */
const families = { inet: 2, inet6: 10 } as const;
const types = { stream: 1, datagram: 2 } as const;
const levelSocket = 1;
const reuseAddress = 2;
/** Of ip(7) and ipv6(7). */
const levelIp = 0;
const freeBind = 15;
const levelIpv6 = 41;
const onlyIpv6 = 26;
const freeBindIpv6 = 78;

const on = new Uint8Array(new Int32Array([1]).buffer);
const littleEndian = endianness() === 'LE';

/**
 * Its descriptor, which is the caller's to close. An address that is on its way here, as that of a service which moves
 * from one director to another, is listened to from now on, and answers once it has come. Throws the system's error.
 */
export function boundSocket({ family, address, port }: AddressedService, type: keyof typeof types): number {
  const descriptor = socket(families[family], types[type] | nonBlocking | closeOnExec, 0);
  if (descriptor < 0) throw systemError('socket', type);
  // A service can listen again though connections of an earlier one are in TIME_WAIT.
  if (type === 'stream') setsockopt(descriptor, levelSocket, reuseAddress, on, on.length);
  // A kernel that cannot (before Linux 4.15 for IPv6) says so at the address itself, where it is not here.
  if (family === 'inet') setsockopt(descriptor, levelIp, freeBind, on, on.length);
  else setsockopt(descriptor, levelIpv6, freeBindIpv6, on, on.length);
  if (family === 'inet6') setsockopt(descriptor, levelIpv6, onlyIpv6, on, on.length);
  const name = socketAddress(address, port);
  if (bind(descriptor, name, name.length) === 0) return descriptor;
  const error = systemError('bind', endpointText(address, port));
  close(descriptor);
  throw error;
}

/** A struct sockaddr_in or sockaddr_in6. */
function socketAddress(address: string, port: number): Uint8Array {
  const words = addressWords(address);
  const isIpv6 = words.length > 1;
  const bytes = new DataView(new ArrayBuffer(isIpv6 ? 28 : 16));
  bytes.setUint16(0, isIpv6 ? families.inet6 : families.inet, littleEndian);
  bytes.setUint16(2, port);
  for (const [index, word] of words.entries()) bytes.setUint32((isIpv6 ? 8 : 4) + 4 * index, word);
  const [, zone] = address.split('%');
  if (isIpv6 && zone !== undefined) bytes.setUint32(24, interfaceIndex(zone) || Number(zone) || 0, littleEndian);
  return new Uint8Array(bytes.buffer);
}
