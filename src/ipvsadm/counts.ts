/** Counters in columns of nine. */

/** From where a unit is used, the greatest first: what is shorter than nine digits is printed in full. */
const units: readonly (readonly [from: bigint, divisor: bigint, letter: string])[] = [
  [100_000_000_000_000n, 1_000_000_000_000n, 'T'],
  [100_000_000_000n, 1_000_000_000n, 'G'],
  [1_000_000_000n, 1_000_000n, 'M'],
  [100_000_000n, 1_000n, 'K'],
];

/** Rounded down to a multiple of a unit, or in full. */
export function countText(count: bigint, exact: boolean): string {
  if (exact) return ` ${String(count).padStart(8)}`;
  const [, divisor, letter] = units.find(([from]) => count >= from) ?? [0n, 1n, ''];
  return `${count / divisor}${letter}`.padStart(9);
}
