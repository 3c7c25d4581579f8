/** Machines as they could have been read. */

import type { Link, Machine } from '../../src/path/machine.js';

export function machine(parts: Partial<Machine> = {}): Machine {
  return {
    sysctls: new Map(),
    modules: new Set(),
    links: new Map(),
    addresses: [],
    routes: new Map(),
    rules: [],
    listeners: [],
    ...parts,
  };
}

export function links(...some: readonly Partial<Link>[]): ReadonlyMap<string, Link> {
  return new Map(some.map((link) => [link.name ?? 'lo', { ...plain, ...link }]));
}

const plain: Link = { name: 'lo', kind: null, isUp: true, hasCarrier: true, mtu: 1500, mac: null, master: null };

export function link(name: string, parts: Partial<Link> = {}): [string, Link] {
  return [name, { ...plain, name, ...parts }];
}
