type Listener = (() => void) | { handleEvent(): void };

/**
 * The AbortSignal of one check. Node's own takes some microseconds to make and as many for each listener, which for a
 * check of a kept connection is as much as all the rest. Listeners are called once, in their order.
 */
export class CheckSignal implements AbortSignal {
  onabort: AbortSignal['onabort'] = null;
  #aborted = false;
  #reason: unknown;
  /** Two have places of their own: with most checks there is no other. */
  #first: Listener | null = null;
  #second: Listener | null = null;
  #others: Listener[] | null = null;

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  addEventListener(_type: 'abort', listener: Listener): void {
    if (this.#aborted || this.#first === listener || this.#second === listener) return;
    if (this.#others !== null) {
      if (!this.#others.includes(listener)) this.#others.push(listener);
    } else if (this.#second !== null) {
      this.#others = [listener];
    } else if (this.#first !== null) {
      this.#second = listener;
    } else {
      this.#first = listener;
    }
  }

  removeEventListener(_type: 'abort', listener: Listener): void {
    if (this.#first === listener) {
      this.#first = null;
    } else if (this.#second === listener) {
      this.#second = null;
    } else if (this.#others !== null) {
      const at = this.#others.indexOf(listener);
      if (at >= 0) this.#others.splice(at, 1);
    }
  }

  /** Nothing but `abort` is told. */
  dispatchEvent(): boolean {
    return true;
  }

  /** Once; again is nothing. */
  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    const listeners = [this.#first, this.#second, ...(this.#others ?? [])];
    this.#first = null;
    this.#second = null;
    this.#others = null;
    for (const listener of listeners) {
      if (typeof listener === 'function') listener();
      else listener?.handleEvent();
    }
  }
}
