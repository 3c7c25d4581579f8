/**
 * The order of what people ask for on several directors: a hybrid logical clock. Whoever has seen something comes after it
 * whatever the clocks say, and what nobody has seen of each other is in the order of the clocks. (Kulkarni et al., "Logical
 * Physical Clocks and Consistent Snapshots in Globally Distributed Databases", 2014.)
 */

export interface Stamp {
  /** In milliseconds since 1970, of the clock that was ahead of all that were seen. */
  readonly at: number;
  /** Counts what comes in the same millisecond, or while the clock is behind. */
  readonly count: number;
  /** The director. */
  readonly by: string;
}

/** Later than everything that was seen; `now` in milliseconds since 1970. */
export function stampAfter(seen: Stamp | null, now: number, by: string): Stamp {
  if (seen === null || now > seen.at) return { at: now, count: 0, by };
  return { at: seen.at, count: seen.count + 1, by };
}

/** Above 0 where `a` is the later one. The name decides where nothing else does. */
export function compareStamps(a: Stamp, b: Stamp): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.count !== b.count) return a.count - b.count;
  return a.by === b.by ? 0 : a.by > b.by ? 1 : -1;
}

export function laterStamp(a: Stamp | null, b: Stamp | null): Stamp | null {
  if (a === null || b === null) return a ?? b;
  return compareStamps(a, b) >= 0 ? a : b;
}

/** As it stands in the store: `1764438000123.0`. */
export function stampText({ at, count }: Stamp): string {
  return `${at}.${count}`;
}

const written = /^(\d{1,15})\.(\d{1,15})$/;

/** Null where it is none. */
export function stampIn(text: unknown, by: unknown): Stamp | null {
  if (typeof text !== 'string' || typeof by !== 'string' || by === '') return null;
  const [, at, count] = written.exec(text) ?? [];
  return at === undefined || count === undefined ? null : { at: Number(at), count: Number(count), by };
}
