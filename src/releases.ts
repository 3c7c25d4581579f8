/** What is open, and how it is let go of: in one place, the last that was opened first. */

export type Release = () => unknown;

export class Releases {
  readonly #open: Release[] = [];

  push(release: Release): void {
    this.#open.push(release);
  }

  /** Lets go of everything, one after another. One that fails keeps none of the others; the first failure is thrown then. */
  async release(): Promise<void> {
    const failures: unknown[] = [];
    for (let release = this.#open.pop(); release !== undefined; release = this.#open.pop()) {
      try {
        await release();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
