/** What the store has, as far as it has been heard. */

import type { Work } from '../../slices.js';
import type { Frame } from './frame.js';
import { type Change, type Entry, largestStore, type Snapshot } from './store.js';

export class Copy {
  readonly #entries = new Map<string, Entry>();
  #characters = 0;
  #revision = 0;
  #identity: string | null = null;
  #isWhole = false;
  /** What was written last of all that was heard of. */
  #newest: Entry | null = null;

  get entries(): ReadonlyMap<string, Entry> {
    return this.#entries;
  }

  /** Up to which everything has been heard; 0 before the first reading. */
  get revision(): number {
    return this.#revision;
  }

  /** Whether what follows the revision is all that is missing. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Of which data it is; null before the first reading. */
  get identity(): string | null {
    return this.#identity;
  }

  /** What a store of the same past must have had at its revision. Null where nothing is known of any. */
  get newest(): Entry | null {
    return this.#identity === null ? null : this.#newest;
  }

  get isTooLarge(): boolean {
    return this.#entries.size > largestStore.entries || this.#characters > largestStore.characters;
  }

  /** Whether the store has been set up anew, or restored, since it was read: then revisions say nothing. */
  isOfAnotherPast({ identity, revision }: Pick<Frame, 'identity' | 'revision'>): boolean {
    return this.#identity !== null && (identity !== this.#identity || revision < this.#revision);
  }

  /** Of the changes those that say something new: after a broken stream some come twice. */
  apply(changes: readonly Change[]): readonly Change[] {
    return changes.filter((change) => this.#apply(change));
  }

  #apply(change: Change): boolean {
    const before = this.#entries.get(change.key);
    if (change.type === 'delete') {
      if (before === undefined || before.revision > change.revision) return false;
      this.#entries.delete(change.key);
      this.#characters -= sizeOf(before);
      return true;
    }
    if (before !== undefined && before.revision >= change.revision) return false;
    const { key, value, revision } = change;
    const entry = { key, value, revision };
    this.#entries.set(key, entry);
    if (revision > (this.#newest?.revision ?? 0)) this.#newest = entry;
    this.#characters += sizeOf(entry) - (before === undefined ? 0 : sizeOf(before));
    return true;
  }

  /** What leads from here to what was read whole. */
  *difference({ revision, entries }: Snapshot, isOfAnotherPast: boolean): Work<readonly Change[]> {
    const changes: Change[] = [];
    const there = new Set<string>();
    for (const entry of entries) {
      there.add(entry.key);
      const before = this.#entries.get(entry.key);
      if (before === undefined || before.revision !== entry.revision || before.value !== entry.value) {
        changes.push({ type: 'put', ...entry });
      }
      if (there.size % together === 0) yield;
    }
    let seen = 0;
    for (const [key, entry] of this.#entries) {
      if (!there.has(key)) changes.push({ type: 'delete', key, revision });
      // What is there is older than anything that comes.
      if (isOfAnotherPast) this.#entries.set(key, { ...entry, revision: 0 });
      seen += 1;
      if (seen % together === 0) yield;
    }
    return changes;
  }

  /** What was read whole has been taken over. */
  complete({ revision, entries }: Snapshot, { identity }: Pick<Frame, 'identity' | 'revision'>): void {
    this.#newest = null;
    for (const entry of entries) if (entry.revision > (this.#newest?.revision ?? 0)) this.#newest = entry;
    this.#revision = revision;
    this.#identity = identity;
    this.#isWhole = true;
  }

  reach(revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
  }

  /** There is a gap behind the revision: only reading all of it helps. */
  miss(): void {
    this.#isWhole = false;
  }
}

/** Entries between two looks at the clock. */
const together = 500;

function sizeOf({ key, value }: Entry): number {
  return key.length + value.length;
}
