/** A plan in portions, between which a newer wish can be taken up. */

import type { Operation } from '../ipvs/backend.js';
import type { ServicePlan } from './plan.js';

/** Operations of one service. */
interface Part {
  readonly key: string;
  readonly operations: readonly Operation[];
  /** How many of them have been given out. */
  given: number;
  /** What waits until these have been answered. */
  readonly after: readonly Operation[];
  /** Whether it has waited for others. */
  readonly follows: boolean;
}

/** A service that needs more operations than this waits for those that need fewer. */
const few = 64;

/**
 * What lowers or removes in a service is never in one portion with what is to come in its place: that may be refused.
 * Large services come last, so that a server that dies elsewhere meanwhile does not wait for them.
 */
export class Portions {
  /** The next one is the last. */
  #parts: Part[];
  readonly #withheld = new Set<string>();

  constructor(plans: readonly ServicePlan[]) {
    const sizeOf = ({ first, last }: ServicePlan): number => Math.max(few, first.length + last.length);
    this.#parts = plans
      .toSorted((a, b) => sizeOf(a) - sizeOf(b))
      .map(({ key, first, last }) =>
        first.length > 0 ? partOf(key, first, { after: last }) : partOf(key, last, { follows: true }),
      )
      .reverse();
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /** So many operations at most; none where none is left. */
  next(most: number): Operation[] {
    const portion: Operation[] = [];
    const later: Part[] = [];
    for (let part = this.#parts.at(-1); part !== undefined && portion.length < most; part = this.#parts.at(-1)) {
      const end = Math.min(part.operations.length, part.given + most - portion.length);
      for (; part.given < end; part.given += 1) portion.push(part.operations[part.given] as Operation);
      if (part.given < part.operations.length) break;
      this.#parts.pop();
      if (part.after.length > 0 && !this.#withheld.has(part.key)) {
        later.push(partOf(part.key, part.after, { follows: true }));
      }
    }
    this.#parts.push(...later.reverse());
    return portion;
  }

  /** What is to go from these services stays: what was to come in its place has not come. */
  withhold(keys: ReadonlySet<string>): void {
    for (const key of keys) this.#withheld.add(key);
    this.#parts = this.#parts.filter(({ key, follows }) => !follows || !keys.has(key));
  }

  /** Leaves out all that is left of these services. */
  skip(keys: ReadonlySet<string>): void {
    this.#parts = this.#parts.filter(({ key }) => !keys.has(key));
  }
}

function partOf(
  key: string,
  operations: readonly Operation[],
  { after = [], follows = false }: { after?: readonly Operation[]; follows?: boolean },
): Part {
  return { key, operations, given: 0, after, follows };
}
