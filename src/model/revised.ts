/**
 * A map that is another one but for some entries: of what was made for thousands nothing is made anew where one of them
 * changes, and who holds the one before still sees it as it was.
 */

/** What an entry is now; undefined is none. */
type Changes<K, V> = ReadonlyMap<K, V | undefined>;

/** Entries that are soon put together, and of which none is kept as it was: each may be of thousands of servers. */
const few = 16;

/** Entries that may be otherwise before all of them are put together again: then both cost about the same. */
function mostChanges(size: number): number {
  return size <= few ? 0 : few + 2 * Math.sqrt(size);
}

/** `before` with these changes; `before` itself where there are none. Values are never undefined. */
export function revise<K, V>(before: ReadonlyMap<K, V>, changes: Changes<K, V>): ReadonlyMap<K, V> {
  if (changes.size === 0) return before;
  const { base, changes: earlier } = partsOf(before);
  const all = new Map<K, V | undefined>(earlier);
  for (const [key, value] of changes) all.set(key, value);
  return all.size > mostChanges(base.size) ? withChanges(base, all) : new Revised<K, V>(base, all);
}

/** In the order of `Revised`. */
function withChanges<K, V>(base: ReadonlyMap<K, V>, changes: Changes<K, V>): ReadonlyMap<K, V> {
  const all = new Map(base);
  for (const [key, value] of changes) {
    if (value === undefined) all.delete(key);
    else all.set(key, value);
  }
  return all;
}

/** The keys under which one of two maps has something else than the other: soon found where one is a revision of the other. */
export function* changedKeys<K, V>(before: ReadonlyMap<K, V>, after: ReadonlyMap<K, V>): Generator<K, undefined> {
  if (before === after) return;
  const [one, other] = [partsOf(before), partsOf(after)];
  const [some, others] = one.base === other.base ? [one.changes, other.changes] : [before, after];
  for (const key of some.keys()) if (before.get(key) !== after.get(key)) yield key;
  for (const key of others.keys()) if (!some.has(key) && before.get(key) !== after.get(key)) yield key;
}

/** What of a map is under these keys. */
export function among<K, V>(all: ReadonlyMap<K, V>, keys: readonly K[]): ReadonlyMap<K, V> {
  if (all.size === 0) return all;
  const found = new Map<K, V>();
  for (const key of keys) {
    const value = all.get(key);
    if (value !== undefined) found.set(key, value);
  }
  return found;
}

/** All of it with `after` in the place of `before`. */
export function replace<K, V>(
  all: ReadonlyMap<K, V>,
  before: ReadonlyMap<K, V>,
  after: ReadonlyMap<K, V>,
): ReadonlyMap<K, V> {
  const gone = [...before.keys()].map((key) => [key, undefined] as const);
  return revise(all, new Map<K, V | undefined>([...gone, ...after]));
}

class Revised<K, V> implements ReadonlyMap<K, V> {
  readonly base: ReadonlyMap<K, V>;
  readonly changes: Changes<K, V>;
  readonly size: number;

  constructor(base: ReadonlyMap<K, V>, changes: Changes<K, V>) {
    this.base = base;
    this.changes = changes;
    let { size } = base;
    for (const [key, value] of changes) size += Number(value !== undefined) - Number(base.has(key));
    this.size = size;
  }

  get(key: K): V | undefined {
    const changed = this.changes.get(key);
    if (changed !== undefined) return changed;
    return this.changes.has(key) ? undefined : this.base.get(key);
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  *entries(): Generator<[K, V], undefined> {
    for (const entry of this.base) {
      const [key] = entry;
      if (!this.changes.has(key)) yield entry;
      else {
        const changed = this.changes.get(key);
        if (changed !== undefined) yield [key, changed];
      }
    }
    for (const [key, value] of this.changes) if (value !== undefined && !this.base.has(key)) yield [key, value];
  }

  *keys(): Generator<K, undefined> {
    for (const key of this.base.keys()) if (!this.changes.has(key) || this.has(key)) yield key;
    for (const key of this.changes.keys()) if (this.has(key) && !this.base.has(key)) yield key;
  }

  *values(): Generator<V, undefined> {
    for (const [key, value] of this.base) {
      const own = this.changes.has(key) ? this.changes.get(key) : value;
      if (own !== undefined) yield own;
    }
    for (const [key, value] of this.changes) if (value !== undefined && !this.base.has(key)) yield value;
  }

  [Symbol.iterator](): Generator<[K, V], undefined> {
    return this.entries();
  }

  forEach(tell: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) tell(value, key, this);
  }
}

function partsOf<K, V>(map: ReadonlyMap<K, V>): Pick<Revised<K, V>, 'base' | 'changes'> {
  return map instanceof Revised ? map : { base: map, changes: new Map() };
}
