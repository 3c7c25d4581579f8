/** A backend whose every answer has a deadline. */

import type { Backend, Failure, Operation, ReadOptions } from '../ipvs/backend.js';
import type { MeteredTable } from '../ipvs/table.js';

export class Patient {
  readonly #backend: Backend;
  readonly #deadline: number;

  /** Milliseconds for each answer. */
  constructor(backend: Backend, deadline: number) {
    this.#backend = backend;
    this.#deadline = deadline;
  }

  get name(): string {
    return this.#backend.name;
  }

  read(options?: ReadOptions): Promise<MeteredTable> {
    return this.#within('read the table', (signal) => this.#backend.read({ ...options, signal }));
  }

  apply(operations: readonly Operation[]): Promise<(Failure | null)[]> {
    return this.#within(`apply ${operations.length} changes`, () => this.#backend.apply(operations));
  }

  async #within<T>(what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const givenUp = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const message = `${this.name} backend did not ${what} within ${this.#deadline / 1000} s`;
        reject(Object.assign(new Error(message), { code: 'ETIMEDOUT' }));
        givenUp.abort();
      }, this.#deadline);
    });
    try {
      return await Promise.race([work(givenUp.signal), expired]);
    } finally {
      clearTimeout(timer);
    }
  }
}

export function asFailure(error: unknown): Failure {
  const { code, message } = error as { code?: string; message?: string };
  return { code: code ?? 'EIO', message: message ?? String(error) };
}
