/** One answer of ours that is otherwise than the reference's, on purpose. */

export interface Difference {
  /** Of the question. */
  readonly name: string;
  readonly ours: string;
  readonly theirs: string;
  readonly reason: string;
}

/** `KIND: CASE` for each of both. */
export function differ(
  kinds: string | readonly string[],
  [ours, theirs]: readonly [ours: string, theirs: string],
  reason: string,
  cases: readonly string[],
): Difference[] {
  return [kinds].flat().flatMap((kind) => cases.map((one) => ({ name: `${kind}: ${one}`, ours, theirs, reason })));
}
