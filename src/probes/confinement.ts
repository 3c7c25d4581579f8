/**
 * Checks in a thread that has more to do than checks. There they do nothing that keeps it busy for long, whatever a
 * server says, and nothing that a defect of could end it: what needs that asks for a thread of its own first.
 */

import { Hindrance, type Phase } from './failure.js';

export interface Confinement {
  /** A check needs a thread of its own; it has no verdict until it has one. */
  readonly onNeed: () => void;
  /** What runs for checks has thrown, which is a defect of this program. */
  readonly onFault: (error: unknown) => void;
}

/** Of this thread: several where several programs run in one, as in tests. */
const confinements = new Set<Confinement>();

/** Returns what ends it. */
export function confine(confinement: Confinement): () => void {
  confinements.add(confinement);
  return () => void confinements.delete(confinement);
}

/** To be called before what is not for such a thread. Throws a Hindrance there. */
export function needThread(phase: Phase, what: string): void {
  if (confinements.size === 0) return;
  // Not in the midst of a check; and before its result.
  for (const { onNeed } of confinements) queueMicrotask(onNeed);
  throw new Hindrance(phase, `${what} needs a thread of its own, which begins`);
}

/** What a timer is to call: what it throws ends a thread of its own, which another takes the place of, and no other. */
export function guarded(act: () => void): () => void {
  return () => {
    try {
      act();
    } catch (error) {
      if (confinements.size === 0) throw error;
      for (const { onFault } of [...confinements]) onFault(error);
    }
  };
}
