/** How the kernel balances a virtual service. */

import { type Facts, optional, row, word } from '../directive.js';
import * as read from '../values.js';

export const tableDirectives = {
  scheduler: row('virtual', read.scheduler, 'wrr', 'how the kernel picks a real server, as in ipvsadm(8)', word),
  schedflags: row('virtual', read.schedulerFlags, [], 'flags of the scheduler, separated by commas', {
    ...word,
    ...optional,
    show: (flags) => flags.join(','),
  }),
  /** Null without persistence. */
  persistent: row(
    'virtual',
    read.secondsOrNone('the time'),
    null,
    'seconds that a client stays with its real server',
    optional,
  ),
  /**
   * What makes clients one client for persistence: the prefix length of their network, or a mask of IPv4 that has ones
   * behind zeros, as `255.0.255.0`.
   */
  netmask: row(
    'virtual',
    read.netmask,
    null,
    'the mask (IPv6: prefix length) of clients that count as one for `persistent`',
    { ...optional, words: 'one client', show: showNetmask },
  ),
  ops: row('virtual', read.yesOrNo, false, 'schedule every UDP packet by itself', word),
};

/** Dotted for IPv4, as it is written there. */
function showNetmask(netmask: number | string | null, facts: Facts | null): string | number | null {
  if (typeof netmask !== 'number' || facts?.family === 'inet6') return netmask;
  return [8, 16, 24, 32].map((end) => 256 - 2 ** Math.min(8, Math.max(0, end - netmask))).join('.');
}
