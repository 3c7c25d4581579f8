/**
 * Holds back the checks whose path does not stand in the table: without it what they send goes to some server of the
 * virtual service, or to this machine, and what comes of it says nothing about their own.
 */

import { changedKeys } from '../model/revised.js';
import type { Check, CheckResult } from '../probes/probe.js';
import type { Watch } from './assignment.js';
import type { CheckPool } from './pool.js';

/** Whether a path stands, null where that is not known just now; and why not, where the table does not take it. */
export interface PathState {
  readonly stands: boolean | null;
  readonly why: string | null;
}

export interface GateOptions {
  readonly pool: Pick<CheckPool, 'update'>;
  readonly stateOf: (check: Check) => PathState;
  /** A check is held back for this reason. */
  readonly onHeld: (key: string, result: CheckResult) => void;
}

type Watches = ReadonlyMap<string, Watch>;
type Bound = readonly [key: string, check: Check];

export class Gate {
  readonly #options: GateOptions;
  #watches: Watches = new Map();
  /** Those of them that have a path. */
  #bound: readonly Bound[] = [];
  #open: ReadonlySet<string> = new Set();
  /** Why others are held back, as it was told, by key. */
  #told: ReadonlyMap<string, string> = new Map();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Takes over a new set of checks, as the pool does. */
  update(watches: Watches, awaited: ReadonlySet<string>): void {
    const isFirst = this.#watches.size === 0;
    this.#bound = isFirst ? boundAmong(watches) : this.#boundOf(watches);
    this.#watches = watches;
    this.#open = this.#openNow();
    this.#options.pool.update(this.#passing(), awaited);
    this.#tell();
  }

  /** Of watches of which most are the same as before. */
  #boundOf(watches: Watches): readonly Bound[] {
    const bound = new Map(this.#bound);
    for (const key of changedKeys(this.#watches, watches)) {
      const check = watches.get(key)?.check;
      if (check !== undefined && check.route.towards !== null) bound.set(key, check);
      else bound.delete(key);
    }
    return [...bound];
  }

  /** The table may stand otherwise than it did. */
  look(): void {
    if (this.#bound.length === 0) return;
    const open = this.#openNow();
    const isSame = open.size === this.#open.size && [...open].every((key) => this.#open.has(key));
    this.#open = open;
    if (!isSame) this.#options.pool.update(this.#passing());
    this.#tell();
  }

  /** The pool gets nothing more. */
  close(): void {
    this.#bound = [];
  }

  #openNow(): Set<string> {
    const isOpen = ([key, check]: Bound): boolean => this.#options.stateOf(check).stands ?? this.#open.has(key);
    return new Set(this.#bound.filter(isOpen).map(([key]) => key));
  }

  #passing(): Watches {
    if (this.#open.size === this.#bound.length) return this.#watches;
    return new Map(
      [...this.#watches].filter(([key, { check }]) => check.route.towards === null || this.#open.has(key)),
    );
  }

  #tell(): void {
    const told = new Map<string, string>();
    for (const [key, check] of this.#bound) {
      const why = this.#open.has(key) ? null : this.#options.stateOf(check).why;
      if (why === null) continue;
      told.set(key, why);
      if (this.#told.get(key) === why) continue;
      const reason = `connect: the table does not take the path of this check: ${why}`;
      this.#options.onHeld(key, { ok: null, reason, duration: 0, streak: 0 });
    }
    this.#told = told;
  }
}

function boundAmong(watches: Watches): readonly Bound[] {
  const bound: Bound[] = [];
  for (const [key, { check }] of watches) if (check.route.towards !== null) bound.push([key, check]);
  return bound;
}
