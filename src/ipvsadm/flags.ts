/** What ipvsadm prints of the scheduler's flags and of the netmask, in a listing and in what it saves alike. */

import { addressText } from '../ipvs/address.js';
import { maskWord } from '../ipvs/netmask.js';
import type { Service } from '../ipvs/table.js';

/** With commas between; null where none is set. `sh` and `mh` have names for two flags, and the third is not said. */
export function flagNames({ scheduler, schedflags }: Service): string | null {
  if (schedflags.length === 0) return null;
  const hasNames = scheduler === 'sh' || scheduler === 'mh';
  return schedflags.filter((name) => !(hasNames && name === 'flag-3')).join(',');
}

/** Null where each client is its own. */
export function maskText(service: Service): string | null {
  if (service.family === 'inet6') return service.netmask === 128 ? null : String(service.netmask);
  const mask = maskWord(service);
  return mask === 0xffffffff ? null : addressText([mask]);
}
