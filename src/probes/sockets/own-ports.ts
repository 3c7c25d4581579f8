/** Ports that the kernel may choose for a connection of this machine: a server there can turn out to be ourselves. */

import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** Of IPv6, too: ip-sysctl in the kernel's documentation. */
const place = '/proc/sys/net/ipv4/ip_local_port_range';

/** Milliseconds until it is read again: somebody may set it. */
const age = 10_000;

/** Where it cannot be read: all to which no privilege belongs. */
let first = 1024;
let last = 65_535;
let readAt = Number.NEGATIVE_INFINITY;

export function isOwnPort(port: number): boolean {
  const now = performance.now();
  if (now - readAt >= age) {
    readAt = now;
    look();
  }
  return port >= first && port <= last;
}

function look(): void {
  try {
    const [, least, most] = /^(\d+)\s+(\d+)/.exec(readFileSync(place, 'latin1')) ?? [];
    if (least === undefined || most === undefined) return;
    [first, last] = [Number(least), Number(most)];
  } catch {
    // Then what was known of it counts, or all.
  }
}
