/** Synchronization daemons that nobody hears, with the kernel's answers: for dry runs and tests. */

import type { DaemonState, SyncDaemon, SyncDaemons } from './sync-daemon.js';

/** What the kernel takes where it is not said; messages as on an Ethernet. */
const usual = { maxLength: 1472, group: '224.0.0.81', port: 8848, ttl: 1 } as const;

export class MemorySyncDaemons implements SyncDaemons {
  readonly #running = new Map<DaemonState, SyncDaemon>();

  async daemons(): Promise<readonly SyncDaemon[]> {
    return [...this.#running.values()];
  }

  async startDaemon(daemon: SyncDaemon): Promise<void> {
    if (this.#running.has(daemon.state)) throw refusal('EEXIST', `a ${daemon.state} runs already`);
    this.#running.set(daemon.state, { ...usual, ...daemon });
  }

  async stopDaemon(state: DaemonState): Promise<void> {
    if (!this.#running.delete(state)) throw refusal('ESRCH', `no ${state} runs`);
  }

  isBackupOnly(): boolean {
    return false;
  }

  numberOf(_name: string): number | null {
    return null;
  }
}

function refusal(code: string, reason: string): Error {
  return Object.assign(new Error(`memory: ${reason}`), { code });
}
