/**
 * Looking for an expression in what a server said. An expression that goes back over the same text again and again
 * can take for ever on a text that was made for it, and all that runs in this thread with it.
 */

import { needThread } from '../confinement.js';
import { costOf, stepsOf } from './search-cost.js';
import { prepareSearches, searchWithin } from './search-thread.js';

/** Milliseconds; a sound search takes a thousandth of it. */
export const searchBound = 250;

/** Steps up to which a search is quick, whatever the text is: some tens of milliseconds at worst. */
const quickSteps = 2 ** 27;

/** The search took longer than it may. */
export class SearchOverrun extends Error {}

/** Whether the expression is found, wherever it begins. Throws a SearchOverrun, or a Hindrance. */
export function isFound(regex: RegExp, text: string): boolean {
  // `search` starts at the front whatever flags the expression has.
  if (isQuick(regex, text.length)) return text.search(regex) >= 0;
  needThread('receive', 'a pattern that can take long');
  const found = searchWithin({ regex, text }, searchBound);
  if (found === null) throw new SearchOverrun(`a search took more than ${searchBound} ms`);
  return found;
}

/** Whether a search in a text of so many UTF-16 units, or in all of its parts, is quick whatever the text is. */
export function isQuick(regex: RegExp, length: number): boolean {
  return stepsOf(regex, length) <= quickSteps;
}

/** To be called for an expression that will be looked for: what is needed for that takes some time to begin. */
export function expectSearches(regex: RegExp): void {
  const { factor, degree } = costOf(regex).ways;
  if (degree > 1 || !Number.isFinite(factor)) prepareSearches();
}
