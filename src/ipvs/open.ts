/** Backends by the name that `--backend` takes. */

import type { Backend } from './backend.js';
import { MemoryBackend } from './memory.js';
import { UserspaceBackend } from './userspace/backend.js';

export const backendNames = ['kernel', 'userspace', 'memory'] as const;
export type BackendName = (typeof backendNames)[number];

/** Rejects with a sentence for the administrator where the backend cannot be had. */
export async function openBackend(name: BackendName): Promise<Backend> {
  switch (name) {
    case 'userspace':
      return new UserspaceBackend();
    case 'memory':
      return new MemoryBackend();
    case 'kernel':
      throw new Error(
        'the kernel backend is not built yet: use --backend userspace, which balances in this process, or ' +
          '--backend memory, which only shows what would be done',
      );
  }
}
