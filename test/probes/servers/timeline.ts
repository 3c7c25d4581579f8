/** How long a verdict was wrong: what is so, and what was said of it, over time. */

/** Null is not known. */
export type State = boolean | null;

export class Timeline {
  readonly #changes: (readonly [at: number, state: State])[] = [];

  /** Times come in order. */
  set(at: number, state: State): void {
    if (this.#changes.at(-1)?.[1] !== state) this.#changes.push([at, state]);
  }

  at(time: number): State {
    return this.#changes.findLast(([at]) => at <= time)?.[1] ?? null;
  }

  get times(): number[] {
    return this.#changes.map(([at]) => at);
  }
}

export interface WrongSpan {
  readonly from: number;
  readonly to: number;
  /** What was said. */
  readonly said: boolean;
  /** Whether it began with what was said, and not with a change of what is. */
  readonly outOfNothing: boolean;
}

/** While one of the two is not known, nothing is wrong. The last time is the end of both. */
export function wrongSpans(truth: Timeline, verdict: Timeline, from: number, to: number): WrongSpan[] {
  const times = [...new Set([from, ...truth.times, ...verdict.times])].filter((at) => at >= from && at < to);
  const spans: WrongSpan[] = [];
  let open: Omit<WrongSpan, 'to'> | null = null;
  for (const at of times.sort((a, b) => a - b)) {
    const [is, said] = [truth.at(at), verdict.at(at)];
    const wrong = is !== null && said !== null && is !== said;
    if (open !== null && (!wrong || said !== open.said)) {
      spans.push({ ...open, to: at });
      open = null;
    }
    if (wrong && open === null) open = { from: at, said, outOfNothing: !truth.times.includes(at) };
  }
  if (open !== null) spans.push({ ...open, to });
  return spans;
}
