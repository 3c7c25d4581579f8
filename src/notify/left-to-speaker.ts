/**
 * What is left to the director that speaks for all, for as long as it may turn out that it does not say it: it has gone, and
 * nobody knows that yet, or it does not see what this one sees. Then it is said here after all: rather twice than never.
 */

export interface Left {
  /** Says it here. */
  readonly tell: () => void;
  /** Whether the other one sees it, too, by the servers that it sees out; absent where nobody can say. */
  readonly isSeen?: (out: ReadonlySet<string>) => boolean;
}

/** Milliseconds: longer than it takes until it is known that a director has gone, and what each of them sees. */
const patience = 30_000;
/** What is left at once; what comes on top of that is said here. */
const most = 1_000;

export class LeftToSpeaker {
  /** By whom it is about: what is newer takes the place of what was so before. `at` in milliseconds of performance.now(). */
  readonly #left = new Map<string, Left & { readonly at: number }>();
  /** Of whom something was said here that the other one does not see: its end is said here, too. */
  readonly #own = new Set<string>();

  leave(about: string, left: Left, now: number): void {
    const isOwn = this.#own.delete(about);
    this.#left.delete(about);
    if (isOwn || this.#left.size >= most) left.tell();
    else this.#left.set(about, { ...left, at: now });
  }

  /** This director speaks now: what the one before may not have said. */
  takeOver(now: number): void {
    const left = [...this.#left.values()];
    this.#left.clear();
    this.#own.clear();
    for (const { at, tell } of left) if (now - at < patience) tell();
  }

  /** Says what the other one does not see in time. `out` is asked for only where there is something to say of it. */
  look(out: () => ReadonlySet<string> | null, now: number): void {
    let seen: ReadonlySet<string> | null | undefined;
    for (const [about, { at, tell, isSeen }] of this.#left) {
      if (now - at < patience) return;
      this.#left.delete(about);
      if (isSeen === undefined) continue;
      seen = seen === undefined ? out() : seen;
      if (seen === null || isSeen(seen)) continue;
      if (this.#own.size < most) this.#own.add(about);
      tell();
    }
  }
}
