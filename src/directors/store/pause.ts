/** How long to wait before the next attempt. */

/** Milliseconds. */
export const pauses = { first: 250, longest: 10_000 } as const;

/**
 * Doubled each time. Half of it is by chance, from 0 to 1: directors that lost the store together do not all come back
 * at once.
 */
export function pauseBefore(attempt: number, chance: number, { first, longest } = pauses as Pauses): number {
  const whole = Math.min(first * 2 ** Math.min(attempt - 1, 16), longest);
  return whole * (0.5 + chance / 2);
}

export interface Pauses {
  readonly first: number;
  readonly longest: number;
}
