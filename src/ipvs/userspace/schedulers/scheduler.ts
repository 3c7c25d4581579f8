/**
 * What chooses the destination of a new connection. The kernel is the judge: the same clients in the same order choose
 * the same destinations as with its scheduler of that name, through the same changes of the list.
 */

/** What a scheduler knows of a destination. */
export interface Candidate {
  readonly address: string;
  readonly port: number;
  /** 0 is never chosen. */
  readonly weight: number;
  /** The last weight above 0; 0 where it came with 0 and has had no other. */
  readonly lastWeight: number;
  /** At its upper threshold, and not chosen until it has come down again. */
  readonly overloaded: boolean;
  readonly activeConnections: number;
  readonly inactiveConnections: number;
}

export interface Client {
  readonly address: string;
  readonly port: number;
}

/** How a client came. */
export interface Arrival {
  /** The address that it connected to: the service's own. */
  readonly address: string;
  /** Milliseconds on a clock that only goes forward. */
  readonly now: number;
}

export interface Scheduler<C extends Candidate> {
  /**
   * To be called before the next choice whenever a candidate came, went or changed its weight. The list is in the
   * kernel's order, in which a new candidate comes first. The first call is with the list that the scheduler begins
   * with, which is empty for a new service: to the kernel's wrr those are two things.
   */
  update(candidates: readonly C[]): void;
  /** Null where no candidate may take a new connection. Its cost does not depend on how many connections stand. */
  choose(client: Client, arrival: Arrival): C | null;
}

export function available(candidate: Candidate): boolean {
  return candidate.weight > 0 && !candidate.overloaded;
}
