/** The states of the servers of a service, step after step: two bits are enough for four of them. */

/** What a server can be, as letters; the first is of what nothing is known of. */
const letters = '-udh';
const bits = 2;
const mask = 3;

export type StateLetter = 'u' | 'd' | 'h' | '-';

/** A row for each server, with a place for each of so many steps. */
export class StateRows {
  readonly servers: readonly string[];
  readonly #steps: number;
  readonly #rowBytes: number;
  readonly #bytes: Uint8Array;

  /** Of the servers that are among those of `before`, what is known there. */
  constructor(servers: readonly string[], steps: number, before: StateRows | null = null) {
    this.servers = servers;
    this.#steps = steps;
    this.#rowBytes = Math.ceil((steps * bits) / 8);
    this.#bytes = new Uint8Array(servers.length * this.#rowBytes);
    const rows = new Map(before?.servers.map((server, row) => [server, row]));
    for (const [row, server] of servers.entries()) {
      const known = rows.get(server);
      if (before !== null && known !== undefined) this.#bytes.set(before.#row(known), row * this.#rowBytes);
    }
  }

  /** What is no state is not known. */
  set(row: number, step: number, letter: string): void {
    const [at, shift] = this.#placeOf(row, step);
    const state = Math.max(0, letters.indexOf(letter));
    this.#bytes[at] = ((this.#bytes[at] ?? 0) & ~(mask << shift)) | (state << shift);
  }

  at(row: number, step: number): string {
    const [at, shift] = this.#placeOf(row, step);
    return letters[((this.#bytes[at] ?? 0) >> shift) & mask] ?? '-';
  }

  /** Nothing is known of a step. */
  forget(step: number): void {
    for (let row = 0; row < this.servers.length; row += 1) this.set(row, step, '-');
  }

  /** All steps of a server, from this one round to it. */
  course(row: number, first: number): string {
    let text = '';
    for (let index = 0; index < this.#steps; index += 1) text += this.at(row, (first + index) % this.#steps);
    return text;
  }

  #row(row: number): Uint8Array {
    return this.#bytes.subarray(row * this.#rowBytes, (row + 1) * this.#rowBytes);
  }

  #placeOf(row: number, step: number): readonly [at: number, shift: number] {
    return [row * this.#rowBytes + ((step * bits) >> 3), (step * bits) & 7];
  }
}
