/** Text gathered into bytes, in portions that several answers can share and that no slice of work is long over. */

/** Characters that are encoded at once. */
const portion = 64 * 1024;

export class Portions {
  readonly #portions: Buffer[] = [];
  #text = '';

  add(text: string): void {
    this.#text += text;
    if (this.#text.length >= portion) this.#encode();
  }

  end(): readonly Buffer[] {
    this.#encode();
    return this.#portions;
  }

  #encode(): void {
    if (this.#text !== '') this.#portions.push(Buffer.from(this.#text));
    this.#text = '';
  }
}
