/** Bracketed classes: `[a-z]`, `[^\d[:punct:]]`. */

import { classCharacter, classRange, complement, otherCases, posixClass } from './characters.js';
import { type Element, readEscape } from './escapes.js';
import type { Scanner } from './scanner.js';
import type { Modifiers } from './syntax.js';

/** Reads from after the `[` at `start` to behind the `]`, and gives the class for flag `v`. */
export function readBrackets(scanner: Scanner, start: number, modifiers: Modifiers): string {
  skipBlanks(scanner, modifiers);
  const negated = scanner.take('^');
  let set = '';
  // A bracket that closes at once is a character.
  for (let first = true; first || !scanner.startsWith(']'); first = false) {
    skipBlanks(scanner, modifiers);
    if (!first && scanner.startsWith(']')) {
      break;
    }
    const at = scanner.position;
    const element = readElement(scanner, start, modifiers);
    set += continueRange(scanner, start, at, element, modifiers);
    skipBlanks(scanner, modifiers);
  }
  scanner.next();
  return negated ? complement(set) : `[${set}]`;
}

/** In xx blanks mean nothing in a class either. */
function skipBlanks(scanner: Scanner, modifiers: Modifiers): void {
  if (modifiers.x === 2) {
    scanner.match(/[ \t]+/y);
  }
}

/** Takes `-z` after an `a`; a hyphen beside a set, or last, is a hyphen. */
function continueRange(scanner: Scanner, start: number, at: number, low: Element, modifiers: Modifiers): string {
  skipBlanks(scanner, modifiers);
  if (typeof low !== 'number' || scanner.look(modifiers.x === 2 ? /-(?![ \t]*\])/y : /-(?!\])/y) === null) {
    return elementSet(low, modifiers);
  }
  scanner.next();
  skipBlanks(scanner, modifiers);
  const high = readElement(scanner, start, modifiers);
  if (typeof high !== 'number') {
    return elementSet(low, modifiers) + classCharacter(0x2d) + elementSet(high, modifiers);
  }
  if (low > high) {
    throw scanner.fail('this range ends before it begins', at);
  }
  return classRange(low, high) + (modifiers.i ? otherCases(low, high) : '');
}

function elementSet(element: Element, modifiers: Modifiers): string {
  if (typeof element !== 'number') {
    return element.set;
  }
  return classCharacter(element) + (modifiers.i ? otherCases(element, element) : '');
}

function readElement(scanner: Scanner, start: number, modifiers: Modifiers): Element {
  const at = scanner.position;
  if (scanner.done) {
    scanner.position = start + 1;
    throw scanner.fail('this class has no closing bracket', start);
  }
  if (scanner.startsWith('[')) {
    const set = readPosix(scanner, modifiers);
    if (set !== null) {
      return { set };
    }
  }
  const character = scanner.next();
  if (character !== '\\') {
    return character.codePointAt(0) ?? 0;
  }
  if (scanner.take('b')) {
    return 0x08;
  }
  return readEscape(scanner, at, modifiers.i);
}

/** Takes `[:alpha:]`; null where the bracket is a mere character. */
function readPosix(scanner: Scanner, modifiers: Modifiers): string | null {
  const at = scanner.position;
  const reserved = scanner.match(/\[([=.])\w*\1\]/y);
  if (reserved !== null) {
    throw scanner.fail(`${reserved[0]} is reserved in Perl and means nothing yet`, at);
  }
  const found = scanner.match(/\[:(\^*)(\w+):\]/y);
  if (found === null) {
    return null;
  }
  const [all, caret = '', name = ''] = found;
  const set = posixClass(name, modifiers.i);
  if (set === undefined || caret.length > 1) {
    throw scanner.fail(`there is no POSIX class ${all}`, at);
  }
  return caret === '' ? set : complement(set);
}
