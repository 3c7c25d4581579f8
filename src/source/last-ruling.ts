/**
 * The text of the version that rules while what stands on disk cannot: for the next daemon, which may have to come
 * after a crash, or by a restart that asks nobody whether the file is right. Gone while the file on disk rules, and
 * after a stop.
 */

import { rename, rm, writeFile } from 'node:fs/promises';
import { readText } from '../config/load.js';

export class LastRuling {
  readonly #path: string;
  #changing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** Null where there is none. */
  read(): Promise<string | null> {
    return readText(this.#path).catch(() => null);
  }

  keep(text: string): void {
    this.#inTurn(async () => {
      const fresh = `${this.#path}.new`;
      // There may be passwords in it.
      await writeFile(fresh, text, { mode: 0o600 });
      await rename(fresh, this.#path);
    });
  }

  forget(): void {
    this.#inTurn(() => rm(this.#path, { force: true }));
  }

  /** Settles when that is done. Where it could not be, the next daemon has the file alone. */
  settled(): Promise<void> {
    return this.#changing;
  }

  #inTurn(change: () => Promise<void>): void {
    this.#changing = this.#changing.then(change).catch(() => {});
  }
}
