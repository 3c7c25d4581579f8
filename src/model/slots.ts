/** Schedulers that give each client a slot, whoever stands in it. */

import type { Virtual } from './config.js';

/**
 * The flag that a scheduler lacks which keeps the slots of a server of weight 0, so that who hashes to it is dropped
 * (ip_vs_sh.c, ip_vs_mh.c); null where no client is.
 */
export function missingSlotFlag({ scheduler, schedflags }: Virtual): string | null {
  if (scheduler !== 'sh' && scheduler !== 'mh') return null;
  const flag = `${scheduler}-fallback`;
  return schedflags.includes(flag) || schedflags.includes('flag-1') ? null : flag;
}
