/** Lines on their way to a place that may be slow, full or away: bounded, tried again, and what is lost is counted. */

export interface Delivery {
  /** Of the lines, in order, how many arrived. */
  readonly taken: number;
  /** Why the others did not; null where all did. */
  readonly trouble: string | null;
}

export interface LineQueueOptions {
  /** Where the lines go, for the line that tells of losses. */
  readonly place: string;
  /** Takes a few lines. Must not reject; lines that were not taken are given again. */
  readonly deliver: (lines: readonly string[]) => Promise<Delivery>;
  /** The line that tells of losses, in the format of the others. */
  readonly render: (text: string) => string;
  /** Characters that wait at most; what comes on top of that is lost and counted. */
  readonly bound?: number;
  /** Milliseconds until delivery is tried again after trouble. */
  readonly retryDelay?: number;
}

/** Twice what there is to say when the servers of the largest known installation all fail at once. */
const defaultBound = 16 * 1024 * 1024;
/** Characters that are delivered at once, so that a long queue goes out in a few writes. */
const batchSize = 64 * 1024;

export class LineQueue {
  readonly #options: Required<LineQueueOptions>;
  #lines: string[] = [];
  #size = 0;
  #lost = 0;
  #trouble = '';
  #retry: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(options: LineQueueOptions) {
    this.#options = { bound: defaultBound, retryDelay: 1_000, ...options };
  }

  /** Returns at once; delivery goes on by itself. */
  write(line: string): void {
    if (this.#closed || this.#size + line.length > this.#options.bound) {
      this.#lost += 1;
      return;
    }
    this.#push(line);
    if (this.#retry === null) void this.#start();
  }

  /** Tries once more to deliver everything, for so many milliseconds at most. */
  async close(patience = 2_000): Promise<void> {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patience);
    });
    await Promise.race([expired, this.#start()]);
    clearTimeout(timer);
  }

  #push(line: string): void {
    this.#lines.push(line);
    this.#size += line.length;
  }

  #start(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    // Lines that are written in the same turn go out together.
    await Promise.resolve();
    while (this.#lines.length > 0 && (await this.#deliverBatch())) this.#tellOfLosses();
    this.#running = null;
  }

  async #deliverBatch(): Promise<boolean> {
    const { taken, trouble } = await this.#options.deliver(this.#batch());
    for (const line of this.#lines.splice(0, taken)) this.#size -= line.length;
    if (trouble === null) return true;
    this.#trouble = trouble;
    if (!this.#closed) this.#retryLater();
    return false;
  }

  #batch(): string[] {
    let size = 0;
    const end = this.#lines.findIndex((line) => {
      size += line.length;
      return size > batchSize;
    });
    return end < 0 ? [...this.#lines] : this.#lines.slice(0, Math.max(1, end));
  }

  #retryLater(): void {
    this.#retry = setTimeout(() => {
      this.#retry = null;
      void this.#start();
    }, this.#options.retryDelay);
    this.#retry.unref();
  }

  #tellOfLosses(): void {
    if (this.#lost === 0) return;
    const { place, render } = this.#options;
    const lines = this.#lost === 1 ? '1 line was' : `${this.#lost} lines were`;
    const why = this.#trouble === '' ? 'they came too fast' : this.#trouble;
    this.#lost = 0;
    this.#push(render(`${place} could not be written: ${why}; ${lines} lost`));
  }
}
