/**
 * The firewall marks of services over several ports: who reads the file knows them, so that two directors and every start
 * give the same, and another list of ports changes none.
 */

import type { Family, Virtual } from './config.js';
import { carriedBy } from './endpoint.js';

/** Marks that nobody else is to use where there are such services: 24 bits behind an M. */
export const firstPortMark = 0x4d00_0000;
export const portMarks = 0x100_0000;

/** Gives each that carries ports its mark: by its address as the file has it, and the how many-th of that it is. */
export function giveMarks(virtuals: readonly Virtual[]): readonly Virtual[] {
  if (!virtuals.some(({ endpoint }) => carriedBy(endpoint) !== null)) return virtuals;
  const earlier = new Map<string, number>();
  const taken = new Set<number>();
  return virtuals.map((virtual) => {
    const { endpoint, family } = virtual;
    const carries = carriedBy(endpoint);
    if (carries === null) return virtual;
    const name = carries.host.address ?? carries.host.name;
    const before = earlier.get(`${family} ${name}`) ?? 0;
    earlier.set(`${family} ${name}`, before + 1);
    let mark = firstMarkOf(family, name, before);
    while (taken.has(mark)) mark = firstPortMark + ((mark - firstPortMark + 1) % portMarks);
    taken.add(mark);
    return { ...virtual, endpoint: { protocol: 'fwm' as const, mark, carries } };
  });
}

function firstMarkOf(family: Family, name: string, before: number): number {
  // Loaded where there is such a mark: most configurations have none.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const hash = createHash('sha256').update(`${family}\n${name}\n${before}`).digest().readUInt32BE(0);
  return firstPortMark + (hash % portMarks);
}
