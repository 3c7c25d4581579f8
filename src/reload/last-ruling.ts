/**
 * The text of the version that rules while what stands on disk cannot: for the next daemon, which may have to come
 * after a crash, or by a restart that asks nobody whether the file is right. Gone while the file on disk rules, and
 * after a stop.
 */

import { rm } from 'node:fs/promises';
import { readText } from '../config/text.js';
import { replaceFile } from '../system/replace-file.js';

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
    // There may be passwords in it.
    this.#inTurn(() => replaceFile(this.#path, text, 0o600));
  }

  forget(): void {
    this.#inTurn(() => rm(this.#path, { force: true }));
  }

  /** Settles when that is done. Where it could not be, the next daemon has the file alone. */
  whenSettled(): Promise<void> {
    return this.#changing;
  }

  #inTurn(change: () => Promise<void>): void {
    this.#changing = this.#changing.then(change).catch(() => {});
  }
}
