import type { Wanted } from '../need.js';

/** Needs that several services share, for all of them. */
export function eachOnce(wanted: readonly Wanted[]): Wanted[] {
  const byNeed = new Map<string, { readonly one: Wanted; readonly services: Set<string> }>();
  for (const one of wanted) {
    const key = JSON.stringify(one.need);
    const known = byNeed.get(key) ?? { one, services: new Set<string>() };
    for (const service of one.for) known.services.add(service);
    byNeed.set(key, known);
  }
  return [...byNeed.values()].map(({ one, services }) => ({ ...one, for: [...services] }));
}
