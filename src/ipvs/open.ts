/** Backends by the name that `--backend` takes. */

import type { Backend } from './backend.js';
import { KernelBackend } from './kernel/backend.js';
import { MemoryBackend } from './memory.js';
import { UserspaceBackend } from './userspace/backend.js';

export const backendNames = ['auto', 'kernel', 'userspace', 'memory'] as const;
export type BackendName = (typeof backendNames)[number];

/** Rejects with a sentence for the administrator where the backend cannot be had. */
export async function openBackend(name: BackendName): Promise<Backend> {
  switch (name) {
    // Never userspace by itself: it answers at other addresses and shows servers other clients than the kernel does.
    case 'auto':
    case 'kernel':
      return KernelBackend.open();
    case 'userspace':
      return new UserspaceBackend();
    case 'memory':
      return new MemoryBackend();
  }
}
