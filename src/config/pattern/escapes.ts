/** Escapes that stand for a character or a set of characters, inside and outside a bracketed class. */

import { type CharacterSet, complement, escapeClasses, lastPoint } from './characters.js';
import { propertyClass } from './properties.js';
import type { Scanner } from './scanner.js';

/** A code point or a set. */
export type Element = number | CharacterSet;

const controls: ReadonlyMap<string, number> = new Map([
  ['a', 0x07],
  ['e', 0x1b],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
]);

/**
 * Reads what follows a backslash at `start`. A letter that means nothing stands for itself, as in Perl;
 * so do those of `\Q…\E` and `\U`, which Perl knows in source text alone and not in a pattern that it
 * was handed in a variable.
 */
export function readEscape(scanner: Scanner, start: number, ignoreCase: boolean): Element {
  const character = scanner.next();
  const set = escapeClasses.get(character.toLowerCase());
  if (set !== undefined) {
    return escapeClasses.has(character) ? set : inverse(scanner, start, set);
  }
  switch (character) {
    case '':
      throw scanner.fail('a lone backslash ends the pattern', start);
    case 'p':
    case 'P':
      return readProperty(scanner, start, character === 'P', ignoreCase);
    case 'N':
      return readNamed(scanner, start);
    case 'x':
      return readHexadecimal(scanner, start);
    case 'o':
      return readBracedOctal(scanner, start);
    case 'c':
      return readControl(scanner, start);
    default:
      if (/[0-7]/.test(character)) {
        scanner.position--;
        return Number.parseInt(scanner.match(/[0-7]{1,3}/y)?.[0] ?? '0', 8);
      }
      return controls.get(character) ?? character.codePointAt(0) ?? 0;
  }
}

/** What stands between the braces, without blanks at its ends. */
function readBraces(scanner: Scanner, start: number, letter: string): string {
  const found = scanner.match(/\{([^}]*)\}/y);
  if (found === null) {
    throw scanner.fail(`\\${letter}{ has no closing brace`, start);
  }
  return (found[1] ?? '').trim();
}

function readHexadecimal(scanner: Scanner, start: number): number {
  if (!scanner.startsWith('{')) {
    return Number.parseInt(scanner.match(/[0-9A-Fa-f]{1,2}/y)?.[0] ?? '0', 16);
  }
  // Perl reads up to the first character that is no digit and forgives the rest.
  const digits = /^(?:_?[0-9A-Fa-f])*/.exec(readBraces(scanner, start, 'x'))?.[0] ?? '';
  return codePoint(scanner, start, digits, 16);
}

function readBracedOctal(scanner: Scanner, start: number): number {
  if (!scanner.startsWith('{')) {
    throw scanner.fail('\\o wants its digits in braces: \\o{101}', start);
  }
  const inside = readBraces(scanner, start, 'o');
  if (inside === '') {
    throw scanner.fail('\\o{} holds no digits', start);
  }
  return codePoint(scanner, start, /^(?:_?[0-7])*/.exec(inside)?.[0] ?? '', 8);
}

function codePoint(scanner: Scanner, start: number, digits: string, radix: number): number {
  const point = Number.parseInt(digits.replaceAll('_', '') || '0', radix);
  if (point > lastPoint) {
    throw scanner.fail('this is above the last character of Unicode, 10FFFF', start);
  }
  return point;
}

function readControl(scanner: Scanner, start: number): number {
  const character = scanner.next();
  if (!/^[ -~]$/.test(character) || character === '{') {
    throw scanner.fail('\\c wants a letter after it, such as \\cM', start);
  }
  return character.toUpperCase().charCodeAt(0) ^ 64;
}

function readNamed(scanner: Scanner, start: number): number {
  if (!scanner.startsWith('{')) {
    throw scanner.fail('\\N stands in brackets only as \\N{U+…}', start);
  }
  const inside = readBraces(scanner, start, 'N');
  const digits = /^U\+([0-9A-Fa-f]+)$/.exec(inside)?.[1];
  if (digits === undefined) {
    throw scanner.fail('names of characters are not known here: write \\N{U+…} or the character itself', start);
  }
  return codePoint(scanner, start, digits, 16);
}

function readProperty(scanner: Scanner, start: number, capital: boolean, ignoreCase: boolean): Element {
  const single = scanner.match(/[A-Za-z]/y)?.[0];
  if (single === undefined && !scanner.startsWith('{')) {
    throw scanner.fail('\\p wants a property after it, such as \\pL or \\p{Lu}', start);
  }
  const name = single ?? readBraces(scanner, start, 'p');
  const caret = name.startsWith('^');
  const set = propertyClass(caret ? name.slice(1) : name, ignoreCase);
  if (set === undefined) {
    throw scanner.fail(`the Unicode property “${name}” is not known here`, start);
  }
  return capital !== caret ? inverse(scanner, start, set) : set;
}

function inverse(scanner: Scanner, start: number, set: CharacterSet): CharacterSet {
  const others = complement(set);
  if (others === null) {
    throw scanner.fail('JavaScript has no complement of this property', start);
  }
  return others;
}
