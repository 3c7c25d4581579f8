/** How much candidates have to do whom lblc and lblcr remember by their names. */

import { Load } from './load.js';
import type { Candidate } from './scheduler.js';

export class NamedLoad<C extends Candidate> extends Load<C> {
  #candidates: readonly C[] = [];
  #byName: ReadonlyMap<string, C> = new Map();

  constructor() {
    super(true);
  }

  override update(candidates: readonly C[]): void {
    super.update(candidates);
    this.#candidates = candidates;
    this.#byName = new Map(candidates.map((candidate) => [nameOf(candidate), candidate]));
  }

  get count(): number {
    return this.#candidates.length;
  }

  /** One that leaves and comes back is the same to the kernel (ip_vs_trash_get_dest). */
  called(name: string): C | undefined {
    return this.#byName.get(name);
  }

  /** Whether it has more to do than its weight says, and somebody else less than half of that (is_overloaded). */
  isTooBusy(candidate: C): boolean {
    if (candidate.activeConnections <= candidate.weight) return false;
    return this.#candidates.some(({ activeConnections, weight }) => activeConnections * 2 < weight);
  }
}

export function nameOf({ address, port }: Candidate): string {
  return `${address} ${port}`;
}
