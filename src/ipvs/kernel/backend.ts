/** The table in the kernel, which balances by itself and outlives this process. */

import type { Backend, Failure, Operation, ReadOptions } from '../backend.js';
import type { MeteredTable } from '../table.js';
import { KernelClient } from './client.js';
import type { SessionOptions } from './session.js';

export class KernelBackend implements Backend {
  readonly name = 'kernel';
  readonly #client: KernelClient;

  private constructor(client: KernelClient) {
    this.#client = client;
  }

  /** Rejects where the kernel has no IPVS, or does not let this process use it, with what to do about it. */
  static async open(options: Partial<SessionOptions> = {}): Promise<KernelBackend> {
    const client = new KernelClient(options);
    try {
      // The first question that takes CAP_NET_ADMIN.
      await client.info();
    } catch (error) {
      await client.close();
      throw error;
    }
    return new KernelBackend(client);
  }

  read(options?: ReadOptions): Promise<MeteredTable> {
    return this.#client.list(options);
  }

  apply(operations: readonly Operation[]): Promise<(Failure | null)[]> {
    return this.#client.apply(operations);
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
