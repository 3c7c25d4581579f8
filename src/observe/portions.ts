/** Text gathered into bytes, in portions that several answers can share and that no slice of work is long over. */

/** Characters that are encoded at once. */
const portion = 64 * 1024;

export class Portions {
  #portions: Buffer[] = [];
  #text = '';

  add(text: string): void {
    this.#text += text;
    if (this.#text.length >= portion) this.#encode();
  }

  /** Those that are full by now; they are not given again. */
  take(): readonly Buffer[] {
    if (this.#portions.length === 0) return none;
    const taken = this.#portions;
    this.#portions = [];
    return taken;
  }

  /** All that were not taken. */
  end(): readonly Buffer[] {
    this.#encode();
    return this.take();
  }

  #encode(): void {
    if (this.#text !== '') this.#portions.push(Buffer.from(this.#text));
    this.#text = '';
  }
}

const none: readonly Buffer[] = [];
