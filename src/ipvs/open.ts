/** Backends by the name that `--backend` takes. */

import type { Backend } from './backend.js';
import type { OnTrouble } from './userspace/port-shortage.js';

export const backendNames = ['auto', 'kernel', 'userspace', 'memory'] as const;
export type BackendName = (typeof backendNames)[number];

/**
 * Rejects with a sentence for the administrator where the backend cannot be had. Loads the code of that one alone.
 * `onTrouble` hears of what goes wrong while it serves, beside what is asked of it.
 */
export async function openBackend(name: BackendName, onTrouble: OnTrouble = () => {}): Promise<Backend> {
  switch (name) {
    // Never userspace by itself: it answers at other addresses and shows servers other clients than the kernel does.
    case 'auto':
    case 'kernel':
      return (await import('./kernel/backend.js')).KernelBackend.open();
    case 'userspace':
      return new (await import('./userspace/backend.js')).UserspaceBackend({}, onTrouble);
    case 'memory':
      return new (await import('./memory.js')).MemoryBackend();
  }
}
