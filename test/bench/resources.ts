/** What has been opened is let go of in turn, however the work ends. */

export type Release = () => Promise<unknown> | unknown;

export class Resources {
  readonly #releases: Release[] = [];
  #closing: Promise<void> | null = null;

  /** What is added after the end has begun is released at once. */
  add(release: Release): void {
    if (this.#closing === null) this.#releases.push(release);
    else this.#closing = this.#closing.then(async () => void (await release()));
  }

  /** Releases everything, last come first; what fails is thrown when all else is released. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const failures: unknown[] = [];
    for (;;) {
      const release = this.#releases.pop();
      if (!release) break;
      try {
        await release();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
