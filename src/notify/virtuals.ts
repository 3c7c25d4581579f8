/** Which virtual of the configuration an event speaks of. */

import type { Config, Virtual } from '../model/config.js';
import { keyOfVirtual, type VirtualSubject, virtualKey } from '../model/subject.js';

export type FindVirtual = (subject: VirtualSubject) => Virtual | undefined;

/** Of two virtuals that are one service the first counts. They are looked through with the first event. */
export function virtualFinder({ virtuals }: Config): FindVirtual {
  let byKey: ReadonlyMap<string, Virtual> | null = null;
  return (subject) => {
    byKey ??= firstByKey(virtuals);
    return byKey.get(virtualKey(subject));
  };
}

function firstByKey(virtuals: readonly Virtual[]): ReadonlyMap<string, Virtual> {
  const found = new Map<string, Virtual>();
  for (const virtual of virtuals) {
    const key = keyOfVirtual(virtual);
    if (!found.has(key)) found.set(key, virtual);
  }
  return found;
}
