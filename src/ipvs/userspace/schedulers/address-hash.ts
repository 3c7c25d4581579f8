/** How the kernel's sh and dh hash an address. */

import { addressWords } from '../../address.js';

/** CONFIG_IP_VS_SH_TAB_BITS and CONFIG_IP_VS_DH_TAB_BITS as distributions build them. */
const BITS = 8;
export const BUCKETS = 1 << BITS;

/** The kernel's GOLDEN_RATIO_32 (include/linux/hash.h). */
const GOLDEN_RATIO = 0x61c88647;

/** The bucket of an address, and of a port where that counts. */
export function bucketOf(address: string, port = 0): number {
  return Math.imul(fold(address) + port, GOLDEN_RATIO) >>> (32 - BITS);
}

/** One word for an address of either family. */
export function fold(address: string): number {
  return addressWords(address).reduce((sum, word) => sum ^ word, 0);
}
