/** What chooses the destination of a new connection. */

/** What a scheduler knows of a destination. */
export interface Candidate {
  /** 0 is never chosen. */
  readonly weight: number;
  /** At its upper threshold, and not chosen until it has come down again. */
  readonly overloaded: boolean;
  readonly activeConnections: number;
  readonly inactiveConnections: number;
}

export interface Client {
  readonly address: string;
  readonly port: number;
}

export interface Scheduler<C extends Candidate> {
  /** To be called before the next choice whenever a candidate came, went or changed its weight. */
  update(candidates: readonly C[]): void;
  /** Null where no candidate may take a new connection. Its cost does not depend on how many connections stand. */
  choose(client: Client): C | null;
}

export function available(candidate: Candidate): boolean {
  return candidate.weight > 0 && !candidate.overloaded;
}

/**
 * Where a rotation stands in a new list: at the last chosen candidate, or, where that one is gone, at the nearest
 * one before it that is still there; -1 is before the first. Starting over instead, as the kernel's wrr does,
 * starves the end of a list whose weights change often.
 */
export function resume<C>(before: readonly C[], position: number, after: readonly C[]): number {
  const places = new Map(after.map((candidate, index) => [candidate, index]));
  return (
    before
      .slice(0, position + 1)
      .map((candidate) => places.get(candidate) ?? -1)
      .findLast((place) => place !== -1) ?? -1
  );
}
