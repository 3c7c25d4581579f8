/** What is told once it has lasted: what passes by itself is for a moment so on one of several directors only. */

export interface Lasting<T> {
  readonly value: T;
  /** When it began, in milliseconds of a clock that does not jump. */
  readonly since: number;
  readonly isTold: boolean;
}

export type Lastings<T> = ReadonlyMap<string, Lasting<T>>;

export interface LastingNews<T> {
  readonly lasting: Lastings<T>;
  readonly began: readonly T[];
  /** What was told, and is over. */
  readonly ended: readonly T[];
  /** Milliseconds until one of them is to be told; null where none waits. */
  readonly wait: number | null;
}

/** What is so now, by what tells one from another; `age` in milliseconds. */
export function lastingAfter<T>(
  before: Lastings<T>,
  values: ReadonlyMap<string, T>,
  age: number,
  now: number,
): LastingNews<T> {
  const lasting = new Map<string, Lasting<T>>();
  const began: T[] = [];
  let wait: number | null = null;
  for (const [key, value] of values) {
    const known = before.get(key);
    const since = known?.since ?? now;
    const isDue = now - since >= age;
    if (isDue && !known?.isTold) began.push(value);
    if (!isDue) wait = Math.min(wait ?? Number.POSITIVE_INFINITY, age - (now - since));
    lasting.set(key, { value, since, isTold: isDue || known?.isTold === true });
  }
  const ended = [...before].flatMap(([key, { value, isTold }]) => (isTold && !lasting.has(key) ? [value] : []));
  return { lasting, began, ended, wait };
}
