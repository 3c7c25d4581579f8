/** Waiting that can be ended: for good by a signal, or this once. */

/** Waits, no longer than the signal lets it. */
export function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Rest().wait(milliseconds, signal);
}

export class Rest {
  #end: () => void = () => {};

  wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      signal.addEventListener('abort', end);
      this.#end = end;
    });
  }

  /** Ends the waiting under way. */
  wake(): void {
    this.#end();
  }
}
