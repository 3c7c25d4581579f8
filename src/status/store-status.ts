/** How it stands with the store that directors share. */

import type { MirrorState } from '../directors/store/mirror.js';
import type { Fault } from '../directors/store/store.js';
import type { StoreStatus } from './model.js';

export function storeStatus(state: MirrorState | null): StoreStatus | null {
  if (state === null) return null;
  const { fault, writeFault, ...rest } = state;
  return { ...rest, fault: fault && wordsOf(fault), writeFault: writeFault && wordsOf(writeFault) };
}

function wordsOf({ message, code }: Fault): string {
  return `${message} (${code})`;
}
