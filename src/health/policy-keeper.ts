/** Keeps what health policies know in a file: soon after it has changed, and now and then, so that its age can be told. */

import { readBounded } from '../system/bounded-file.js';
import { putAside } from '../system/put-aside.js';
import { replaceFile } from '../system/replace-file.js';
import { freshFor, noPolicyState, type PolicyState, readPolicyState, writePolicyState } from './policy-state.js';

export interface PolicyFile {
  /**
   * What the run before knew, and why that is not all; null where it is. What is not understood is put aside. Never
   * rejects.
   */
  read(): Promise<{ readonly state: PolicyState; readonly fault: string | null }>;
  /** Whole or not at all. Rejects where it cannot be written. */
  write(text: string): Promise<void>;
}

/** Bytes. */
const largestFile = 64 * 1024 * 1024;

export function policyFile(path: string): PolicyFile {
  return {
    read: async () => {
      try {
        const text = (await readBounded(path, largestFile)).toString('utf8');
        return { state: readPolicyState(text, Date.now()), fault: null };
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT') return { state: noPolicyState, fault: null };
        const aside = await putAside(path).then(
          (kept) => `; it is kept as ${kept}`,
          () => '',
        );
        return { state: noPolicyState, fault: `${path}: ${message}${aside}` };
      }
    },
    write: (text) => replaceFile(path, text, 0o600),
  };
}

export interface PolicyKeeperOptions {
  readonly file: Pick<PolicyFile, 'write'>;
  /** As it is; null while nothing rules yet: what the run before wrote holds, with its age. */
  readonly state: () => PolicyState | null;
  /** It cannot be written: told once, until it can. */
  readonly onFailure: (reason: string) => void;
}

/** Milliseconds from a change to its writing: changes that come together are one. */
const pause = 500;

export class PolicyKeeper {
  readonly #options: PolicyKeeperOptions;
  #timer: NodeJS.Timeout | null = null;
  readonly #beat: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();
  /** Whether the file may hold something. */
  #isFilled = true;
  #failed = false;

  constructor(options: PolicyKeeperOptions) {
    this.#options = options;
    this.#beat = setInterval(() => this.touch(), freshFor / 4).unref();
  }

  /** Something may have changed. Returns at once. */
  touch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#write();
    }, pause).unref();
  }

  /** Writes once more, and settles when that is done. Never rejects. */
  async close(): Promise<void> {
    clearInterval(this.#beat);
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#write();
  }

  #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const state = this.#options.state();
      if (state === null) return;
      const isEmpty = state.servers.size === 0 && state.below.size === 0 && state.agents.size === 0;
      // Files without policies have no such state, and it is not written that there is none.
      if (isEmpty && !this.#isFilled) return;
      try {
        await this.#options.file.write(writePolicyState(state, Date.now()));
        this.#isFilled = !isEmpty;
        this.#failed = false;
      } catch (error) {
        if (!this.#failed) this.#options.onFailure((error as Error).message);
        this.#failed = true;
      }
    });
    return this.#writing;
  }
}
