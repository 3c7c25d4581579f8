/** Lines of mdoc(7) that stand in a sentence: names, arguments, references. */

import { asRead } from './roff.js';

/** Its words as a reader sees them. Throws at a macro that our pages do not use. */
export function spoken(macro: string, words: readonly string[]): string[] {
  const [first = '', second = '', ...rest] = words;
  switch (macro) {
    case 'Nd':
      return ['–', ...words.map(asRead)];
    case 'Ar':
    case 'Cm':
      return words.map(asRead);
    case 'Op':
      return [`[${spoken(first, words.slice(1)).join(' ')}]`];
    case 'Xr':
      return [`${first}(${second})${rest.join('')}`];
    default:
      throw new Error(`the manual’s plain text knows no macro ${macro}`);
  }
}
