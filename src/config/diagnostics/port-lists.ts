/** Services over several ports: what they take from others, or others from them. */

import type { Host, PortRange, Transport, Virtual } from '../../model/config.js';
import { carriedBy } from '../../model/endpoint.js';
import { rangeText } from '../../model/names.js';
import { spanAsRead } from '../../model/section-span.js';
import type { Diagnostic } from './diagnostics.js';

/** Packets have one mark, and a mark goes before an address: so each port of an address is one service's. */
export function overlappingPorts(virtuals: readonly Virtual[]): Diagnostic[] {
  if (!virtuals.some(({ endpoint }) => carriedBy(endpoint) !== null)) return [];
  const found: Diagnostic[] = [];
  const earlier = new Map<string, Taken[]>();
  for (const virtual of virtuals) {
    const own = taken(virtual);
    if (own === null) continue;
    const key = [virtual.family, own.host.address ?? own.host.name].join(' ');
    const others = earlier.get(key) ?? [];
    earlier.set(key, [...others, own]);
    for (const other of others) {
      const common = own.carries || other.carries ? commonPorts(own, other) : null;
      if (common === null) continue;
      const message = `port ${rangeText(common)} of this address is that of the virtual service in line ${other.virtual.span.row}`;
      found.push({ severity: 'error', code: 'ports-overlap', message, span: spanAsRead(virtual.span) });
    }
  }
  return found;
}

interface Taken {
  readonly virtual: Virtual;
  readonly host: Host;
  readonly transports: readonly Transport[];
  readonly ports: readonly PortRange[];
  readonly carries: boolean;
}

function taken(virtual: Virtual): Taken | null {
  const { endpoint } = virtual;
  if (endpoint.protocol !== 'fwm') {
    const { host, port, protocol } = endpoint;
    // Port 0 is a service for all ports, which has what no other takes.
    const ports = port === 0 ? [] : [{ from: port, to: port }];
    return { virtual, host, transports: [protocol], ports, carries: false };
  }
  const { carries } = endpoint;
  return carries === undefined ? null : { virtual, ...carries, carries: true };
}

function commonPorts(one: Taken, other: Taken): PortRange | null {
  if (!one.transports.some((transport) => other.transports.includes(transport))) return null;
  for (const a of one.ports) {
    for (const b of other.ports) {
      const common = { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) };
      if (common.from <= common.to) return common;
    }
  }
  return null;
}
