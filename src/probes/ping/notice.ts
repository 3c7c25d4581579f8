/** What the network says about a request that does not arrive: see IP_RECVERR in ip(7). */

import { getSystemErrorName } from 'node:util';
import { wordSize } from '../../system/libc.js';
import { addressText, littleEndian, type Version } from '../sockets/host-address.js';

export interface Notice {
  /** The kernel's name for it, as `EHOSTUNREACH`. */
  readonly code: string;
  /** Whether somebody on the way does not let it pass. */
  readonly forbidden: boolean;
  /** The address of who says so; this machine's own where a host on the same link is not there. */
  readonly from: string;
}

/** SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6. */
const origins = { 4: 2, 6: 3 } as const;
/**
 * Types that mean that a request is lost: unreachable, time exceeded, parameter problem (RFC 792; RFC 4443, 3). Not
 * among them is a redirect, which the kernel reports too.
 */
const losses = { 4: [3, 11, 12], 6: [1, 3, 4] } as const;
/** Unreachable, and its codes for a prohibition: RFC 1812, 5.2.7.1; RFC 4443, 3.1. */
const unreachable = { 4: 3, 6: 1 } as const;
const prohibitions = { 4: [9, 10, 13], 6: [1, 5, 6] } as const;

/** Bytes of a struct cmsghdr: a size_t and two int. */
const errorOffset = wordSize + 8;
/** From ee_errno, by way of ee_origin, ee_type and ee_code, to the address of the offender. */
const offenderOffset = 16;

/** Of a control message as recvmsg(2) gives it; null where it does not say that a request is lost. */
export function noticeOf(version: Version, control: ArrayBuffer): Notice | null {
  const error = new DataView(control, errorOffset);
  const number = error.getUint32(0, littleEndian);
  const type = error.getUint8(5);
  if (number === 0 || error.getUint8(4) !== origins[version] || !includes(losses[version], type)) return null;
  return {
    code: getSystemErrorName(-number),
    forbidden: type === unreachable[version] && includes(prohibitions[version], error.getUint8(6)),
    from: addressText(version, new DataView(control, errorOffset + offenderOffset)),
  };
}

function includes(list: readonly number[], value: number): boolean {
  return list.includes(value);
}
