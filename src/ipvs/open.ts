/** Backends by the name that `--backend` takes. */

import type { Backend } from './backend.js';
import { type BackendName, capabilitiesOf } from './capabilities.js';
import type { OnTrouble } from './userspace/shortage.js';

/**
 * Rejects with a sentence for the administrator where the backend cannot be had. Loads the code of that one alone.
 * `onTrouble` hears of what goes wrong while it serves, beside what is asked of it.
 */
export async function openBackend(name: BackendName, onTrouble: OnTrouble = () => {}): Promise<Backend> {
  switch (capabilitiesOf(name).name) {
    case 'kernel':
      return (await import('./kernel/backend.js')).KernelBackend.open();
    case 'userspace':
      return new (await import('./userspace/backend.js')).UserspaceBackend({}, onTrouble);
    case 'memory':
      return new (await import('./memory.js')).MemoryBackend();
  }
}
