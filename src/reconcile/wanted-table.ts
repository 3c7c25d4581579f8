/** The wanted table from one decision to the next: where some virtuals have been decided about, of theirs alone. */

import type { Virtual } from '../model/config.js';
import { revise } from '../model/revised.js';
import { inSlices } from '../slices.js';
import {
  type Desired,
  type DesiredEntry,
  desired,
  entryFor,
  type Memory,
  makeDesired,
  type Shares,
  sharesOf,
} from './desired.js';
import type { Standings } from './standings/standings.js';

/** Keys of services that may be wanted otherwise; null is any. */
export type ChangedKeys = ReadonlySet<string> | null;

const noServices: Desired = new Map();

export class WantedTable {
  readonly #memory: Memory = new WeakMap();
  #shares: Shares = new Map();
  #decided: Standings | null = null;
  /** What was thought of before it is taken. */
  #prepared: { readonly decided: Standings; readonly own: Desired } | null = null;
  /** What standings ask for. */
  #own: Desired = noServices;
  /** Services that stay, whether the configuration has them or not; and what carries checks alone, which goes first. */
  #staying: Desired = noServices;
  #paths: Desired = noServices;
  #table: Desired = noServices;

  /** As it is wanted by the standings that were taken last. */
  get table(): Desired {
    return this.#table;
  }

  set staying(services: Desired) {
    this.#staying = services;
    this.#putTogether();
  }

  get isAnyStaying(): boolean {
    return this.#staying.size > 0;
  }

  /** Thinks of what standings ask for in slices, for when they are taken. */
  async prepare(decided: Standings): Promise<void> {
    this.#prepared = { decided, own: await inSlices(makeDesired(decided, this.#memory)) };
  }

  /** What other standings would ask for. */
  under(decided: Standings, paths: Desired): Desired {
    return askTheSame(this.#decided, decided) ? this.#table : this.#with(desired(decided, this.#memory), paths);
  }

  /** What they would ask for the service with this key, which is that of a virtual. */
  entryUnder(decided: Standings, key: string, virtual: Virtual, paths: Desired): DesiredEntry | undefined {
    if (askTheSame(this.#decided, decided)) return this.#table.get(key);
    if (this.#decided?.config !== decided.config) return this.under(decided, paths).get(key);
    return paths.get(key) ?? entryFor(virtual, decided, this.#memory, this.#shares)?.entry ?? this.#staying.get(key);
  }

  /** Takes standings in which others may stand otherwise than these virtuals. */
  take(decided: Standings, paths: Desired): void {
    const prepared = this.#prepared;
    this.#prepared = null;
    this.#own =
      prepared !== null && askTheSame(prepared.decided, decided) ? prepared.own : desired(decided, this.#memory);
    if (this.#decided?.config !== decided.config) this.#shares = sharesOf(decided.config.virtuals, this.#memory);
    this.#paths = paths;
    this.#decided = decided;
    this.#putTogether();
  }

  /** Takes standings that differ from those before in these virtuals alone; gives what may be wanted otherwise by that. */
  revise(decided: Standings, virtuals: Iterable<Virtual>, paths: Desired): ChangedKeys {
    const before = this.#decided;
    if (before?.config !== decided.config || before.leftOut !== decided.leftOut || paths !== this.#paths) {
      this.take(decided, paths);
      return null;
    }
    this.#decided = decided;
    const changes = new Map<string, DesiredEntry | undefined>();
    for (const virtual of virtuals) {
      if (before.of.get(virtual) === decided.of.get(virtual) && !this.#servesOtherwise(before, decided, virtual))
        continue;
      const found = entryFor(virtual, decided, this.#memory, this.#shares);
      if (found !== null && this.#own.get(found.key) !== found.entry) changes.set(found.key, found.entry);
    }
    if (changes.size === 0) return new Set();
    this.#own = revise(this.#own, changes);
    const all = new Map([...changes.keys()].map((key) => [key, this.#entryAt(key)]));
    this.#table = this.#isPlain ? this.#own : revise(this.#table, all);
    return new Set(changes.keys());
  }

  #servesOtherwise(before: Standings, after: Standings, virtual: Virtual): boolean {
    return before.serving.get(virtual) !== after.serving.get(virtual);
  }

  get #isPlain(): boolean {
    return this.#paths.size === 0 && this.#staying.size === 0;
  }

  #entryAt(key: string): DesiredEntry | undefined {
    return this.#paths.get(key) ?? this.#own.get(key) ?? this.#staying.get(key);
  }

  #putTogether(): void {
    this.#table = this.#with(this.#own, this.#paths);
  }

  #with(own: Desired, paths: Desired): Desired {
    return paths.size === 0 && this.#staying.size === 0 ? own : new Map([...this.#staying, ...own, ...paths]);
  }
}

/** Whether what the first ones ask for is what the others do. */
function askTheSame(one: Standings | null, { of, serving, leftOut }: Standings): boolean {
  return one?.of === of && one.serving === serving && one.leftOut === leftOut;
}
