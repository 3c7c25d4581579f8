/** Regular expressions of `receive`: Perl's syntax, as the reference takes it, to JavaScript's. */

import { parsePattern } from './parser.js';
import { renderPattern } from './render.js';
import { PatternError } from './syntax.js';

export type Translation =
  | { readonly ok: true; readonly regex: RegExp }
  /** `offset` and `length` say where in the source, in UTF-16 units. */
  | { readonly ok: false; readonly message: string; readonly offset: number; readonly length: number };

/** In UTF-16 units. V8 compiles on first use, and overflows its stack only then where a pattern is very long. */
const longestPattern = 8192;

/**
 * Gives an expression that matches where Perl's would, or says what cannot be translated or is malformed.
 *
 * The flag is always `u`: matching by code point, and strict syntax. (`v` would nest classes, but V8 in
 * Node 20 then misses matches: `/(?:ab\B|é[^Q]){1,2}/v` on `é#`.) Perl's modifiers are never flags: `(?i)`
 * may hold for a part of the pattern, which Node 20 cannot say, so cases are written out; `m` in
 * JavaScript would also break lines at CR. Flag `i` is set only for references that ignore case.
 */
export function translatePattern(source: string): Translation {
  if (source.length > longestPattern) {
    return tooLarge(source);
  }
  try {
    const syntax = parsePattern(source);
    const regex = new RegExp(renderPattern(syntax), syntax.ignoreCase ? 'iu' : 'u');
    return { ok: true, regex };
  } catch (error) {
    if (error instanceof PatternError) {
      return { ok: false, message: error.message, ...error.place };
    }
    if (error instanceof SyntaxError || error instanceof RangeError) {
      return tooLarge(source);
    }
    throw error;
  }
}

function tooLarge(source: string): Translation {
  return { ok: false, message: 'this pattern is too large for JavaScript', offset: 0, length: source.length };
}
