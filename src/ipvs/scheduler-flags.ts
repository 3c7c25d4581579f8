/**
 * The flags of a scheduler. A service has three, whose meaning is the scheduler's: `sh` and `mh` name the
 * first two, and every one can be called by its number. The names are those of ipvsadm's -b.
 */

const numbered: readonly string[] = ['flag-1', 'flag-2', 'flag-3'];
const named: ReadonlyMap<string, readonly string[]> = new Map([
  ['sh', ['sh-fallback', 'sh-port', 'flag-3']],
  ['mh', ['mh-fallback', 'mh-port', 'flag-3']],
]);

/** Bit 0 is the first flag. Throws the name that this scheduler has no flag of. */
export function schedulerFlagBits(scheduler: string, names: readonly string[]): number {
  let bits = 0;
  for (const name of names) {
    const index = Math.max(numbered.indexOf(name), named.get(scheduler)?.indexOf(name) ?? -1);
    if (index < 0) throw new RangeError(`scheduler ${scheduler} has no flag ${name}`);
    bits |= 1 << index;
  }
  return bits;
}

/** In the order of the flags, which is also that of the alphabet. */
export function schedulerFlagNames(scheduler: string, bits: number): string[] {
  const names = named.get(scheduler) ?? numbered;
  return names.filter((_, index) => bits & (1 << index));
}

/** Whether two lists of names mean the same flags, whatever their order and whichever names they use. */
export function sameSchedulerFlags(a: readonly string[], b: readonly string[]): boolean {
  return canonical(a) === canonical(b);
}

function canonical(names: readonly string[]): string {
  if (names.length === 0) return '';
  return [...new Set(names.map(numberedName))].sort().join();
}

function numberedName(name: string): string {
  const index = Math.max(...[...named.values()].map((flags) => flags.indexOf(name)));
  return numbered[index] ?? name;
}
