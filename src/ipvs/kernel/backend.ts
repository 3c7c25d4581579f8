/** The table in the kernel, which balances by itself and outlives this process. */

import { readFileSync } from 'node:fs';
import type { Backend, Failure, Operation, ReadOptions } from '../backend.js';
import { capabilitiesOf } from '../capabilities.js';
import type { SyncDaemons } from '../sync-daemon.js';
import type { MeteredTable } from '../table.js';
import { KernelClient } from './client.js';
import type { SessionOptions } from './session.js';

/** Of the network that this process is in; they are read from memory: nothing waits. */
const settings = '/proc/sys/net/ipv4/vs';
const interfaces = '/sys/class/net';

export class KernelBackend implements Backend {
  readonly capabilities = capabilitiesOf('kernel');
  readonly name = this.capabilities.name;
  readonly sync: SyncDaemons;
  readonly #client: KernelClient;

  private constructor(client: KernelClient) {
    this.#client = client;
    this.sync = {
      daemons: () => client.daemons(),
      startDaemon: (daemon) => client.startDaemon(daemon),
      stopDaemon: (state) => client.stopDaemon(state),
      isBackupOnly: () => isSet('backup_only'),
      numberOf: (name) => numberIn(`${interfaces}/${name}/ifindex`),
    };
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
    return !isSet('expire_quiescent_template');
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

function isSet(name: string): boolean {
  return (numberIn(`${settings}/${name}`) ?? 0) !== 0;
}

/** Null where it is not shown. */
function numberIn(path: string): number | null {
  try {
    return Number(readFileSync(path, 'latin1'));
  } catch {
    return null;
  }
}
