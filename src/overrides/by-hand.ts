/** What people have asked for by hand about single real servers: to drain them, or another weight. */

import type { RealServer, Virtual } from '../model/config.js';
import { hostText } from '../model/names.js';
import { isReason, isWho, type Origin } from '../model/origin.js';
import type { Override } from '../model/override.js';
import { isNamed } from '../model/subject.js';
import { isCalled, namesOf } from './server-names.js';

/** Overrides that are kept. Those about servers that are gone are harmless, but must not become ever more. */
export const mostOverrides = 10_000;
export const largestWeight = 65_535;
/** Before the second version nobody knew who had asked, when and why. */
const version = 2;

/** What an override calls a real server. */
export function nameByHand({ host, port }: RealServer): string {
  if (host.name.includes(':')) return `${hostText(host)}:${port}`.toLowerCase();
  return `${host.name.replace(/\.$/, '').toLowerCase()}:${port}`;
}

export function isAbout(override: Override, virtual: Virtual, real: RealServer): boolean {
  return isCalled(real, override.server) && concernsVirtual(override, virtual);
}

/** Those of a kind by the name of the server, so that a question about one does not go through all. */
export class ByHandIndex {
  readonly #byServer = new Map<string, Override[]>();

  constructor(overrides: readonly Override[], kind: Override['kind']) {
    for (const override of overrides) {
      if (override.kind !== kind) continue;
      const others = this.#byServer.get(override.server);
      if (others) others.push(override);
      else this.#byServer.set(override.server, [override]);
    }
  }

  get isEmpty(): boolean {
    return this.#byServer.size === 0;
  }

  /** The one that counts for a server in a virtual: the last word about the virtual alone goes before one about all. */
  of(virtual: Virtual, real: RealServer): Override | undefined {
    if (this.isEmpty) return undefined;
    const found = namesOf(real)
      .flatMap((name) => this.#byServer.get(name) ?? [])
      .filter((override) => concernsVirtual(override, virtual));
    return found.findLast((override) => override.virtual !== null) ?? found.at(-1);
  }
}

function concernsVirtual({ virtual: named }: Override, virtual: Virtual): boolean {
  return named === null || isNamed(virtual, named);
}

/** With this one in the place of an earlier one about the same. */
export function withOverride(overrides: readonly Override[], override: Override): Override[] {
  return [...overrides.filter((other) => !isSameSubject(other, override)), override].slice(-mostOverrides);
}

/** Without those that have ended by `now`; the same array where none has. */
export function standing(overrides: readonly Override[], now: number): readonly Override[] {
  const left = overrides.filter(({ until }) => until === null || until > now);
  return left.length === overrides.length ? overrides : left;
}

/** Milliseconds since 1970 at which the next one ends by itself; null where none does. */
export function nextEnd(overrides: readonly Override[]): number | null {
  const ends = overrides.flatMap(({ until }) => until ?? []);
  return ends.length === 0 ? null : Math.min(...ends);
}

export function writeByHand(orders: readonly Override[]): string {
  return `${JSON.stringify({ v: version, orders }, null, 1)}\n`;
}

export interface ReadByHand {
  /** Those that are understood. */
  readonly byHand: readonly Override[];
  /** Why there are not all; null where there are. */
  readonly fault: string | null;
}

/**
 * What `writeByHand` wrote, perhaps in another version, or damaged. An override that reads as one of ours is taken for one,
 * whoever asked for it: a drain too many does less harm than a server that is worked on and takes traffic.
 */
export function readByHand(text: string): ReadByHand {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { byHand: [], fault: (error as Error).message };
  }
  const { v, orders: found } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (!Array.isArray(found)) return { byHand: [], fault: 'it holds something else' };
  const asked: readonly unknown[] = found;
  const byHand = asked.flatMap((order) => overrideIn(order) ?? []).slice(0, mostOverrides);
  const whole = asked.filter((order) => isAsked(order) && (v === 1 || hasOrigin(order)));
  const more = found.length - Math.min(whole.length, byHand.length);
  if (more === 0 && (v === version || v === 1)) return { byHand, fault: null };
  const foreign = v === version || v === 1 ? '' : `it is of version ${JSON.stringify(v)} and not ${version}, and `;
  return { byHand, fault: `${foreign}${more} of ${found.length} orders are not understood` };
}

/** An override without what is known of who asked for it. */
type Asked = Omit<Override, keyof Origin> & { readonly [K in keyof Origin]?: unknown };

function overrideIn(order: unknown): Override | null {
  if (!isAsked(order)) return null;
  const { kind, server, virtual, weight, until, who, since, why, on } = order;
  const origin: Origin = {
    who: isNobodyOr(who, isWho) ? who : null,
    since: isMoment(since) ? since : null,
    why: isNobodyOr(why, isReason) ? why : null,
    ...(typeof on === 'string' && { on }),
  };
  return { kind, server, virtual, weight, until, ...origin };
}

function isAsked(value: unknown): value is Asked {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, server, virtual, weight, until } = value as Record<string, unknown>;
  return (
    (kind === 'drain' || kind === 'weight') &&
    typeof server === 'string' &&
    (virtual === null || typeof virtual === 'string') &&
    isWeight(weight) &&
    isMoment(until)
  );
}

function hasOrigin({ who, since, why }: Asked): boolean {
  return isNobodyOr(who, isWho) && isMoment(since) && isNobodyOr(why, isReason);
}

function isNobodyOr(value: unknown, isText: (text: string) => boolean): value is string | null {
  return value === null || (typeof value === 'string' && isText(value));
}

/** In milliseconds since 1970, or null. */
function isMoment(value: unknown): value is number | null {
  return value === null || typeof value === 'number';
}

export function isWeight(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= largestWeight;
}

export function isSameSubject(a: Override, b: Override): boolean {
  return a.kind === b.kind && a.server === b.server && a.virtual === b.virtual;
}
