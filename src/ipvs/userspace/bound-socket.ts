/** Sockets bound to the addresses of services, whether this machine has them already or not. */

import { closeDescriptor, openSocket } from '../../system/held-descriptors.js';
import { bind, closeOnExec, nonBlocking, setsockopt, systemError } from '../../system/libc.js';
import { endpointText } from '../table.js';
import type { AddressedService } from './listener.js';
import { encodeAddress, families } from './socket-address.js';

/** Of socket(2) and socket(7). */
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

/** A non-blocking one for connections to this address; -1 where there is none to be had. */
export function socketTo(address: Uint8Array, type: keyof typeof types): number {
  const family = address.length === encodedInet ? families.inet : families.inet6;
  return openSocket(family, types[type] | nonBlocking | closeOnExec, 0);
}

const encodedInet = 16;

/**
 * Its descriptor, which is the caller's to close. An address that is on its way here, as that of a service which moves
 * from one director to another, is listened to from now on, and answers once it has come. Throws the system's error.
 */
export function boundSocket({ family, address, port }: AddressedService, type: keyof typeof types): number {
  const descriptor = openSocket(families[family], types[type] | nonBlocking | closeOnExec, 0);
  if (descriptor < 0) throw systemError('socket', type);
  // A service can listen again though connections of an earlier one are in TIME_WAIT.
  if (type === 'stream') setsockopt(descriptor, levelSocket, reuseAddress, on, on.length);
  // A kernel that cannot (before Linux 4.15 for IPv6) says so at the address itself, where it is not here.
  if (family === 'inet') setsockopt(descriptor, levelIp, freeBind, on, on.length);
  else setsockopt(descriptor, levelIpv6, freeBindIpv6, on, on.length);
  if (family === 'inet6') setsockopt(descriptor, levelIpv6, onlyIpv6, on, on.length);
  const name = encodeAddress(address, port);
  if (bind(descriptor, name, name.length) === 0) return descriptor;
  const error = systemError('bind', endpointText(address, port));
  closeDescriptor(descriptor);
  throw error;
}
