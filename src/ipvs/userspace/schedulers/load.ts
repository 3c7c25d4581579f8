/** How much each candidate has to do, as lc, wlc, lblc and lblcr compare it. */

import { Lingering, stepAt } from './lingering.js';
import { available, type Candidate } from './scheduler.js';

/** The kernel's estimate (ip_vs_dest_conn_overhead): an active connection costs as much as 256 inactive ones. */
const ACTIVE_COST = 256;

interface Burden<C> {
  readonly candidate: C;
  readonly lingering: Lingering;
}

/** Either as such, or in proportion to the candidates' weights. */
export class Load<C extends Candidate> {
  readonly #weighted: boolean;
  #burdens: readonly Burden<C>[] = [];
  #byCandidate: ReadonlyMap<C, Burden<C>> = new Map();
  #step = 0;

  constructor(weighted: boolean) {
    this.#weighted = weighted;
  }

  update(candidates: readonly C[]): void {
    this.#burdens = candidates.map(
      (candidate) =>
        this.#byCandidate.get(candidate) ?? { candidate, lingering: new Lingering(connectionsOf(candidate)) },
    );
    this.#byCandidate = new Map(this.#burdens.map((burden) => [burden.candidate, burden]));
  }

  /** To be called before a choice. */
  advance(now: number): void {
    this.#step = stepAt(now);
  }

  /** To be called with who is chosen. */
  begin(candidate: C): C {
    this.#byCandidate.get(candidate)?.lingering.begin(connectionsOf(candidate), this.#step);
    return candidate;
  }

  /** Who has the least to do and is available; the first of equals. */
  least(): C | null {
    return this.#least(this.#burdens);
  }

  leastOf(candidates: readonly C[]): C | null {
    return this.#least(this.#burdensOf(candidates));
  }

  /** Who of these has the most to do, at its upper threshold or not; the first of equals. */
  mostOf(candidates: readonly C[]): C | null {
    let most: C | null = null;
    let mostCost = 0;
    for (const burden of this.#burdensOf(candidates)) {
      const { candidate } = burden;
      if (candidate.weight === 0) continue;
      const cost = this.#cost(burden);
      if (most !== null && !this.#isLess(mostCost, most, cost, candidate)) continue;
      most = candidate;
      mostCost = cost;
    }
    return most;
  }

  #least(burdens: readonly Burden<C>[]): C | null {
    let least: C | null = null;
    let leastCost = 0;
    for (const burden of burdens) {
      const { candidate } = burden;
      if (!available(candidate)) continue;
      const cost = this.#cost(burden);
      if (least !== null && !this.#isLess(cost, candidate, leastCost, least)) continue;
      least = candidate;
      leastCost = cost;
    }
    return least;
  }

  #burdensOf(candidates: readonly C[]): Burden<C>[] {
    return candidates.map((candidate) => this.#byCandidate.get(candidate)).filter((burden) => burden !== undefined);
  }

  #cost({ candidate, lingering }: Burden<C>): number {
    const connections = connectionsOf(candidate);
    // Each active one is among them.
    return candidate.activeConnections * (ACTIVE_COST - 1) + connections + lingering.count(connections, this.#step);
  }

  /** Multiplied across instead of divided, so that equal loads compare equal. */
  #isLess(cost: number, { weight }: C, otherCost: number, other: C): boolean {
    return this.#weighted ? cost * other.weight < otherCost * weight : cost < otherCost;
  }
}

function connectionsOf({ activeConnections, inactiveConnections }: Candidate): number {
  return activeConnections + inactiveConnections;
}
