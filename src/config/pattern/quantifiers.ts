/** `*`, `+`, `?`, `{2}`, `{2,}`, `{,3}`, `{ 2, 3 }`; any other brace is a character. */

import type { Scanner } from './scanner.js';

/** Perl's own limit. */
const highestCount = 65534;

export const quantifier: RegExp = /[*+?]|\{[ \t]*(?:(\d+)[ \t]*(,[ \t]*(\d*)[ \t]*)?|,[ \t]*(\d+)[ \t]*)\}/y;

export interface Counts {
  readonly min: number;
  /** Infinity where there is no bound. */
  readonly max: number;
}

/** Takes a quantifier where one stands; `start` is where the quantified begins. */
export function readCounts(scanner: Scanner, start: number): Counts | null {
  const found = scanner.match(quantifier);
  if (found === null) {
    return null;
  }
  const [all, low, comma, high, upTo] = found;
  switch (all) {
    case '*':
      return { min: 0, max: Number.POSITIVE_INFINITY };
    case '+':
      return { min: 1, max: Number.POSITIVE_INFINITY };
    case '?':
      return { min: 0, max: 1 };
  }
  const lower = low ?? '0';
  const upper = upTo ?? (comma === undefined ? lower : (high ?? ''));
  if (/^0./.test(lower) || /^0./.test(upper)) {
    throw scanner.fail('a count has no leading zero', start);
  }
  if (Number(lower) > highestCount || Number(upper) > highestCount) {
    throw scanner.fail(`a count is at most ${highestCount}`, start);
  }
  return { min: Number(lower), max: upper === '' ? Number.POSITIVE_INFINITY : Number(upper) };
}
