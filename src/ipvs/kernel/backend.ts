/** The table in the kernel, which balances by itself and outlives this process. */

import { readFileSync } from 'node:fs';
import type { Backend, Failure, Operation, ReadOptions } from '../backend.js';
import { capabilitiesOf } from '../capabilities.js';
import type { MeteredTable } from '../table.js';
import { KernelClient } from './client.js';
import type { SessionOptions } from './session.js';

/** Of the network that this process is in. It is read from memory: nothing waits. */
const expireQuiescentTemplate = '/proc/sys/net/ipv4/vs/expire_quiescent_template';

export class KernelBackend implements Backend {
  readonly capabilities = capabilitiesOf('kernel');
  readonly name = this.capabilities.name;
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

  /** As net.ipv4.vs.expire_quiescent_template says, which anybody may change at any time; 0 where it is not shown. */
  persistsAtZero(): boolean {
    try {
      return Number(readFileSync(expireQuiescentTemplate, 'latin1')) === 0;
    } catch {
      return true;
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
