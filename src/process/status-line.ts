/** A line that is kept as things are: told when it is another one, and no more than once in a while, however often they change. */

export interface StatusLineOptions {
  /** As things are now; null where nobody knows. */
  readonly text: () => Promise<string | null>;
  readonly tell: (text: string) => void;
  /** Milliseconds from a change to the line that tells it, and so from one line to the next. */
  readonly pause?: number;
}

const usualPause = 1_000;

export class StatusLine {
  readonly #options: StatusLineOptions;
  #told: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: StatusLineOptions) {
    this.#options = options;
  }

  /** Something may have changed. Returns at once. */
  request(): void {
    if (this.#closed || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      // What changes from here on may not be in this one.
      this.#timer = null;
      void this.#look();
    }, this.#options.pause ?? usualPause);
    this.#timer.unref();
  }

  /** As things are now, for somebody who tells it himself. */
  async now(): Promise<string> {
    const text = await this.#options.text().catch(() => null);
    this.#told = text ?? this.#told;
    return this.#told ?? '';
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    const text = await this.#options.text().catch(() => null);
    if (text === null || text === this.#told || this.#closed) return;
    this.#told = text;
    this.#options.tell(text);
  }
}
