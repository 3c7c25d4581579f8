/**
 * Which checks a worker has under way, in memory that the main thread sees: when the worker hangs or dies, one of them
 * is to blame, if any.
 */

/** Checks that are written down; one more would not be among the suspects. */
const slots = 8192;

/** Their numbers; 0 is a free slot. */
export type Doing = Int32Array;

/** For a worker, to be handed to it. The kernel gives memory to what of it is used. */
export function newDoing(): Doing {
  return new Int32Array(new SharedArrayBuffer(slots * Int32Array.BYTES_PER_ELEMENT));
}

/** Of a worker that has been given up. */
export function suspectsIn(doing: Doing): Set<number> {
  return new Set(doing.filter((id) => id > 0));
}

/** The worker's pen. Slots are taken anew in the order of a stack, so that few of them are used. */
export class DoingNotes {
  readonly #doing: Doing;
  readonly #free: number[];

  constructor(doing: Doing = newDoing()) {
    this.#doing = doing;
    this.#free = Array.from(doing, (_, index) => doing.length - 1 - index);
  }

  /** The slot, for `end`; -1 where there is none. */
  begin(id: number): number {
    const slot = this.#free.pop() ?? -1;
    if (slot >= 0) this.#doing[slot] = id;
    return slot;
  }

  end(slot: number): void {
    if (slot < 0) return;
    this.#doing[slot] = 0;
    this.#free.push(slot);
  }
}
