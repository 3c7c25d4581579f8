/** What wrr and mh divide weights by. */

/** Of a number and 0 it is that number. */
export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
