/** In which states servers can be asked for: a state, or `problem`, which is any but `up`. */

import { serverStates } from './model.js';

export const askedStates = [...serverStates, 'problem'] as const;
export type AskedState = (typeof askedStates)[number];

/** Null where one of them is no such state. */
export function askedStatesIn(names: readonly unknown[]): ReadonlySet<AskedState> | null {
  const named = new Set(names);
  const known = new Set(askedStates.filter((state) => named.has(state)));
  return known.size === named.size ? known : null;
}
