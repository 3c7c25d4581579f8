/** Bracketed classes: `[a-z]`, `[^\d[:punct:]]`. */

import { type CharacterSet, complement, otherCases, posixClass, rangeSet, renderSet, union } from './characters.js';
import { type Element, readEscape } from './escapes.js';
import type { Scanner } from './scanner.js';
import type { Modifiers } from './syntax.js';

const hyphen = 0x2d;

/** Reads from after the `[` at `start` to behind the `]`, and gives the class in JavaScript. */
export function readBrackets(scanner: Scanner, start: number, modifiers: Modifiers): string {
  const sets: CharacterSet[] = [];
  skipBlanks(scanner, modifiers);
  const negated = scanner.take('^');
  skipBlanks(scanner, modifiers);
  // A bracket that closes at once is a character.
  do {
    sets.push(readItem(scanner, start, modifiers));
    skipBlanks(scanner, modifiers);
  } while (!scanner.take(']'));
  return renderSet(union(sets), negated);
}

/** In xx blanks mean nothing in a class either. */
function skipBlanks(scanner: Scanner, modifiers: Modifiers): void {
  if (modifiers.x === 2) {
    scanner.match(/[ \t]+/y);
  }
}

/** One character or set, or a range; a hyphen beside a set, or last, is a hyphen. */
function readItem(scanner: Scanner, start: number, modifiers: Modifiers): CharacterSet {
  const at = scanner.position;
  const low = readElement(scanner, start, modifiers);
  skipBlanks(scanner, modifiers);
  if (typeof low !== 'number' || scanner.look(modifiers.x === 2 ? /-(?![ \t]*\])/y : /-(?!\])/y) === null) {
    return elementSet(low, modifiers);
  }
  scanner.next();
  skipBlanks(scanner, modifiers);
  const high = readElement(scanner, start, modifiers);
  if (typeof high !== 'number') {
    return union([elementSet(low, modifiers), rangeSet(hyphen, hyphen), high]);
  }
  if (low > high) {
    throw scanner.fail('this range ends before it begins', at);
  }
  return withCases(low, high, modifiers);
}

function elementSet(element: Element, modifiers: Modifiers): CharacterSet {
  return typeof element === 'number' ? withCases(element, element, modifiers) : element;
}

function withCases(low: number, high: number, modifiers: Modifiers): CharacterSet {
  const range = rangeSet(low, high);
  return modifiers.i ? union([range, otherCases(low, high)]) : range;
}

function readElement(scanner: Scanner, start: number, modifiers: Modifiers): Element {
  const at = scanner.position;
  if (scanner.done) {
    scanner.position = start + 1;
    throw scanner.fail('this class has no closing bracket', start);
  }
  const posix = readPosix(scanner, modifiers);
  if (posix !== null) {
    return posix;
  }
  const character = scanner.next();
  if (character !== '\\') {
    return character.codePointAt(0) ?? 0;
  }
  return scanner.take('b') ? 0x08 : readEscape(scanner, at, modifiers.i);
}

/** Takes `[:alpha:]`; null where none stands. Perl looks no further where the name has less than three letters. */
function readPosix(scanner: Scanner, modifiers: Modifiers): CharacterSet | null {
  const at = scanner.position;
  const reserved = scanner.match(/\[([=.])\w*\1\]/y);
  if (reserved !== null) {
    throw scanner.fail(`${reserved[0]} is reserved in Perl and means nothing yet`, at);
  }
  const found = scanner.match(/\[:(\^*)(\w{3,}):\]/y);
  if (found === null) {
    return null;
  }
  const [all, caret = '', name = ''] = found;
  const set = posixClass(name, modifiers.i);
  const wanted = set !== undefined && caret === '^' ? complement(set) : set;
  if (wanted === undefined || wanted === null || caret.length > 1) {
    throw scanner.fail(`there is no POSIX class ${all}`, at);
  }
  return wanted;
}
