/** Who is a member of what: the tables of members, and how those of another configuration are put together. */

import type { RealServer, Virtual } from '../model/config.js';
import { hasReturnPolicy } from '../model/policy-hold.js';
import { revise } from '../model/revised.js';
import { isFallback } from '../model/subject.js';
import type { Past } from './past.js';
import type { Health } from './policy.js';

export interface Assigned {
  /** As its checks see it. */
  readonly virtual: Virtual;
  readonly real: RealServer;
  readonly decidedBy: { readonly check: string } | { readonly up: boolean; readonly reason: string };
}

export interface Entry extends Assigned {
  health: Health;
  /** Null where nothing in it matters. */
  past: Past | null;
  /** Successes in a row from the run before. */
  risen: number;
  /** When it became another one last, by the count of such changes. */
  changedAt: number;
}

export const nobody: readonly Entry[] = [];

export function listed(entries: Entry | readonly Entry[] | undefined): readonly Entry[] {
  if (entries === undefined) return nobody;
  return 'real' in entries ? [entries] : entries;
}

export interface Tables {
  readonly byServer: ReadonlyMap<RealServer, Entry>;
  readonly byVirtual: ReadonlyMap<string, readonly Entry[]>;
  readonly byCheck: ReadonlyMap<string, Entry | readonly Entry[]>;
  readonly fallbacks: ReadonlySet<Entry>;
  readonly policed: ReadonlySet<string>;
}

/** Members that are being put together: all of them, or such as differ from those before. */
export class Draft {
  readonly byServer: DraftMap<RealServer, Entry>;
  readonly byVirtual: DraftMap<string, readonly Entry[]>;
  readonly byCheck: DraftMap<string, Entry | readonly Entry[]>;
  readonly fallbacks: Set<Entry>;
  readonly policed: Set<string>;

  constructor(before: Tables | null) {
    this.byServer = new DraftMap(before?.byServer ?? null);
    this.byVirtual = new DraftMap(before?.byVirtual ?? null);
    this.byCheck = new DraftMap(before?.byCheck ?? null);
    this.fallbacks = new Set(before === null ? nobody : before.fallbacks);
    this.policed = new Set(before?.policed);
  }

  /** To be filled with the servers of a virtual that is new: of two with one key they are known together. */
  listOf(key: string, virtual: Virtual): Entry[] {
    if (hasReturnPolicy(virtual) || virtual.risecount > 1) this.policed.add(key);
    const list = [...(this.byVirtual.get(key) ?? nobody)];
    this.byVirtual.set(key, list);
    return list;
  }

  add(entry: Entry): void {
    const { real, decidedBy } = entry;
    this.byServer.set(real, entry);
    if (isFallback(real)) this.fallbacks.add(entry);
    if (!('check' in decidedBy)) return;
    const sharing = listed(this.byCheck.get(decidedBy.check));
    this.byCheck.set(decidedBy.check, sharing.length === 0 ? entry : [...sharing, entry]);
  }

  removeAll(key: string): void {
    for (const entry of this.byVirtual.get(key) ?? nobody) {
      const { real, decidedBy } = entry;
      this.byServer.set(real, undefined);
      this.fallbacks.delete(entry);
      if (!('check' in decidedBy)) continue;
      const [first, ...others] = listed(this.byCheck.get(decidedBy.check)).filter((other) => other !== entry);
      this.byCheck.set(decidedBy.check, first && others.length > 0 ? [first, ...others] : first);
    }
    this.byVirtual.set(key, undefined);
    this.policed.delete(key);
  }
}

class DraftMap<K, V> {
  readonly #before: ReadonlyMap<K, V> | null;
  readonly #changes = new Map<K, V | undefined>();

  constructor(before: ReadonlyMap<K, V> | null) {
    this.#before = before;
  }

  get(key: K): V | undefined {
    const changed = this.#changes.get(key);
    if (changed !== undefined || this.#before === null || this.#changes.has(key)) return changed;
    return this.#before.get(key);
  }

  /** Undefined is none. */
  set(key: K, value: V | undefined): void {
    this.#changes.set(key, value);
  }

  get all(): ReadonlyMap<K, V> {
    // Where there was nothing before, nothing is taken out.
    return this.#before === null ? (this.#changes as ReadonlyMap<K, V>) : revise(this.#before, this.#changes);
  }
}
