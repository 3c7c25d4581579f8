/** What people have asked for by hand about single real servers: to drain them, or another weight. */

import type { RealServer, Virtual } from '../config/model.js';
import { hostText } from '../config/names.js';
import { isCalled, namesOf } from './server-names.js';
import { isNamed } from './windows.js';

export interface Order {
  readonly kind: 'drain' | 'weight';
  /** As the configuration writes it, `web1.example.com:80`, so that it is the same one whatever its name resolves to. */
  readonly server: string;
  /** `ADDRESS:PORT` or a firewall mark; null is every virtual. */
  readonly virtual: string | null;
  /** Of `weight`; 0 of `drain`. */
  readonly weight: number;
  /** When it ends by itself, in milliseconds since 1970; null is never. */
  readonly until: number | null;
}

/** Orders that are kept. Those about servers that are gone are harmless, but must not become ever more. */
export const mostOrders = 10_000;
export const largestWeight = 65_535;
const version = 1;

/** What an order calls a real server. */
export function orderName({ host, port }: RealServer): string {
  if (host.name.includes(':')) return `${hostText(host)}:${port}`.toLowerCase();
  return `${host.name.replace(/\.$/, '').toLowerCase()}:${port}`;
}

export function isAbout(order: Order, virtual: Virtual, real: RealServer): boolean {
  return isCalled(real, order.server) && concernsVirtual(order, virtual);
}

/** The orders of a kind by the name of the server, so that a question about one does not go through all. */
export class OrderIndex {
  readonly #byServer = new Map<string, Order[]>();

  constructor(orders: readonly Order[], kind: Order['kind']) {
    for (const order of orders) {
      if (order.kind !== kind) continue;
      const others = this.#byServer.get(order.server);
      if (others) others.push(order);
      else this.#byServer.set(order.server, [order]);
    }
  }

  get isEmpty(): boolean {
    return this.#byServer.size === 0;
  }

  /** The one that counts for a server in a virtual: the last word about the virtual alone goes before one about all. */
  of(virtual: Virtual, real: RealServer): Order | undefined {
    if (this.isEmpty) return undefined;
    const found = namesOf(real)
      .flatMap((name) => this.#byServer.get(name) ?? [])
      .filter((order) => concernsVirtual(order, virtual));
    return found.findLast((order) => order.virtual !== null) ?? found.at(-1);
  }
}

function concernsVirtual(order: Order, virtual: Virtual): boolean {
  return order.virtual === null || isNamed(virtual, order.virtual);
}

/** With this one in the place of an earlier one about the same. */
export function withOrder(orders: readonly Order[], order: Order): Order[] {
  return [...orders.filter((other) => !sameSubject(other, order)), order].slice(-mostOrders);
}

/** Without those that have ended by `now`; the same array where none has. */
export function standing(orders: readonly Order[], now: number): readonly Order[] {
  const left = orders.filter(({ until }) => until === null || until > now);
  return left.length === orders.length ? orders : left;
}

/** Milliseconds since 1970 at which the next one ends by itself; null where none does. */
export function nextEnd(orders: readonly Order[]): number | null {
  const ends = orders.flatMap(({ until }) => until ?? []);
  return ends.length === 0 ? null : Math.min(...ends);
}

export function writeOrders(orders: readonly Order[]): string {
  return `${JSON.stringify({ v: version, orders }, null, 1)}\n`;
}

export interface ReadOrders {
  /** Those that are understood. */
  readonly orders: readonly Order[];
  /** Why there are not all; null where there are. */
  readonly fault: string | null;
}

/**
 * What `writeOrders` wrote, perhaps in a newer version, or damaged. An order that reads as one of ours is taken for one:
 * a drain too many does less harm than a server that is worked on and takes traffic.
 */
export function readOrders(text: string): ReadOrders {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { orders: [], fault: (error as Error).message };
  }
  const { v, orders: found } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (!Array.isArray(found)) return { orders: [], fault: 'it holds something else' };
  const orders = found.filter(isOrder).slice(0, mostOrders);
  const more = found.length - orders.length;
  if (more === 0 && v === version) return { orders, fault: null };
  const foreign = v === version ? '' : `it is of version ${JSON.stringify(v)} and not ${version}, and `;
  return { orders, fault: `${foreign}${more} of ${found.length} orders are not understood` };
}

function isOrder(value: unknown): value is Order {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, server, virtual, weight, until } = value as Record<string, unknown>;
  return (
    (kind === 'drain' || kind === 'weight') &&
    typeof server === 'string' &&
    (virtual === null || typeof virtual === 'string') &&
    isWeight(weight) &&
    (until === null || typeof until === 'number')
  );
}

export function isWeight(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= largestWeight;
}

function sameSubject(a: Order, b: Order): boolean {
  return a.kind === b.kind && a.server === b.server && a.virtual === b.virtual;
}
