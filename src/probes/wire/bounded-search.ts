/**
 * Looking for an expression in what a server said. An expression that goes back over the same text again and again
 * can take for ever on a text that was made for it, and all that runs in this thread with it.
 */

import vm from 'node:vm';

/** Milliseconds; a sound search takes a thousandth of it. */
export const searchBound = 250;

/** UTF-16 units up to which an expression that repeats one thing is quick, were it quadratic. */
const quickLength = 4096;

/** The search took longer than it may. */
export class SearchOverrun extends Error {}

/** Whether the expression is found, wherever it begins. Throws a SearchOverrun. */
export function isFound(regex: RegExp, text: string): boolean {
  const repetitions = repetitionsOf(regex);
  const isQuick = repetitions === 0 || (repetitions === 1 && text.length <= quickLength);
  // `search` starts at the front whatever flags the expression has.
  return isQuick ? text.search(regex) >= 0 : searchUntil(regex, text);
}

const known = new WeakMap<RegExp, number>();

/** How many parts of an expression repeat: quantifiers, and references to what was matched before. */
function repetitionsOf(regex: RegExp): number {
  const counted = known.get(regex);
  if (counted !== undefined) return counted;
  const bare = regex.source
    .replaceAll(/\\(?:[pPu]\{[^}]*\}|[^1-9k])/g, '.')
    .replaceAll(/\[(?:[^\]\\]|\\.)*\]/g, '.')
    .replaceAll('(?', '(');
  const repetitions = bare.match(/[*+?{]|\\[1-9k]/g)?.length ?? 0;
  known.set(regex, repetitions);
  return repetitions;
}

interface Scope {
  regex: RegExp | null;
  text: string;
}

let search: ((regex: RegExp, text: string) => boolean) | null = null;

/** V8 looks at its interrupts whenever an expression goes back, so that a script's timeout ends that too. */
function prepared(): (regex: RegExp, text: string) => boolean {
  const scope: Scope = { regex: null, text: '' };
  const context = vm.createContext(scope);
  const script = new vm.Script('text.search(regex) >= 0');
  return (regex, text) => {
    scope.regex = regex;
    scope.text = text;
    try {
      return script.runInContext(context, { timeout: searchBound }) === true;
    } finally {
      scope.regex = null;
      scope.text = '';
    }
  };
}

function searchUntil(regex: RegExp, text: string): boolean {
  search ??= prepared();
  try {
    return search(regex, text);
  } catch (error) {
    // It comes from the script's own realm, and so is no instance of this one's Error.
    if (Object(error).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      throw new SearchOverrun(`a search took more than ${searchBound} ms`);
    }
    throw error;
  }
}
