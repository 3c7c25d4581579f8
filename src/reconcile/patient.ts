/** A backend that is not waited for without a sign of it. */

import type { Backend, Failure, Operation, ReadOptions } from '../ipvs/backend.js';
import type { MeteredTable } from '../ipvs/table.js';

export class Patient {
  readonly #backend: Backend;
  readonly #deadline: number;

  /** Milliseconds to apply a portion, and from one sign of a table that is read to the next. */
  constructor(backend: Backend, deadline: number) {
    this.#backend = backend;
    this.#deadline = deadline;
  }

  get name(): string {
    return this.#backend.name;
  }

  read(options?: ReadOptions): Promise<MeteredTable> {
    return this.#within('read the table', (signal, onProgress) => {
      return this.#backend.read({ ...options, signal, onProgress });
    });
  }

  apply(operations: readonly Operation[]): Promise<(Failure | null)[]> {
    return this.#within(`apply ${operations.length} changes`, () => this.#backend.apply(operations));
  }

  async #within<T>(what: string, work: (signal: AbortSignal, onProgress: () => void) => Promise<T>): Promise<T> {
    const givenUp = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const message = `${this.name} backend did not ${what} within ${this.#deadline / 1000} s`;
        reject(Object.assign(new Error(message), { code: 'ETIMEDOUT' }));
        givenUp.abort();
      }, this.#deadline);
    });
    const onProgress = (): void => {
      // A timer that has run would run again.
      if (!givenUp.signal.aborted) timer?.refresh();
    };
    try {
      return await Promise.race([work(givenUp.signal, onProgress), expired]);
    } finally {
      clearTimeout(timer);
    }
  }
}

export function asFailure(error: unknown): Failure {
  const { code, message } = error as { code?: string; message?: string };
  return { code: code ?? 'EIO', message: message ?? String(error) };
}
