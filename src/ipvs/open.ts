/** Backends by the name that `--backend` takes. */

import type { Backend } from './backend.js';
import { type BackendName, capabilitiesOf } from './capabilities.js';
import type { OnTrouble } from './userspace/shortage.js';

/** Of the balancer alone. */
export interface BackendOptions {
  /** Threads that forward. */
  readonly threads?: number;
  /** Hears of what goes wrong while it serves, beside what is asked of it. */
  readonly onTrouble?: OnTrouble;
}

/**
 * Rejects with a sentence for the administrator where the backend cannot be had. Loads the code of that one alone.
 */
export async function openBackend(name: BackendName, balancer: BackendOptions = {}): Promise<Backend> {
  switch (capabilitiesOf(name).name) {
    case 'kernel':
      return (await import('./kernel/backend.js')).KernelBackend.open();
    case 'userspace':
      return new (await import('./userspace/backend.js')).UserspaceBackend(balancer);
    case 'memory':
      return new (await import('./memory.js')).MemoryBackend();
  }
}
