/** Limits of this process, lowered for as long as a piece of work takes: prlimit(2). */

import { closeSync, openSync } from 'node:fs';
import koffi from 'koffi';

const library = koffi.load(null);
type LimitCall = (resource: number, limits: Uint8Array) => number;
const getrlimit = library.func('int getrlimit(int resource, _Out_ uint8_t *limits)') as LimitCall;
const setrlimit = library.func('int setrlimit(int resource, const uint8_t *limits)') as LimitCall;

/** RLIMIT_NPROC and RLIMIT_NOFILE. */
const resources = { processes: 6, descriptors: 7 } as const;

/** Lowers a limit; returns the function that gives back what was there. */
export function lower(resource: keyof typeof resources, to: number): () => void {
  const before = new BigUint64Array(2);
  getrlimit(resources[resource], new Uint8Array(before.buffer));
  const set = (soft: bigint): void => {
    const limits = new BigUint64Array([soft, before[1] ?? soft]);
    if (setrlimit(resources[resource], new Uint8Array(limits.buffer)) !== 0) throw new Error('setrlimit');
  };
  set(BigInt(to));
  return () => set(before[0] ?? 0n);
}

/** Opens files until no more than `left` descriptors are left; returns the function that closes them. */
export function exhaustDescriptors(limit: number, left = 0): () => void {
  const giveBack = lower('descriptors', limit);
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EMFILE') throw error;
  }
  for (const descriptor of taken.splice(0, left)) closeSync(descriptor);
  return () => {
    for (const descriptor of taken) closeSync(descriptor);
    giveBack();
  };
}
