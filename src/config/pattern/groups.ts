/** What stands between an opening parenthesis and the body of its group. */

import type { Scanner } from './scanner.js';
import { type Modifiers, noModifiers } from './syntax.js';

export type GroupHead =
  | { readonly kind: 'capture'; readonly name: string | null }
  | { readonly kind: 'plain'; readonly modifiers: Modifiers }
  /** `(?i)`: no group, but a change from here on. */
  | { readonly kind: 'modifiers'; readonly modifiers: Modifiers }
  | { readonly kind: 'look'; readonly ahead: boolean; readonly negated: boolean }
  /** Spelled out, it forbids `\K` as a lookahead does. */
  | { readonly kind: 'atomic'; readonly spelledOut: boolean }
  | { readonly kind: 'reset' }
  | { readonly kind: 'fail' }
  | { readonly kind: 'reference'; readonly name: string };

/** Those that are followed by a body, by what follows the parenthesis; the longer first. */
const heads: readonly (readonly [string, GroupHead])[] = [
  ['?<=', { kind: 'look', ahead: false, negated: false }],
  ['?<!', { kind: 'look', ahead: false, negated: true }],
  ['?=', { kind: 'look', ahead: true, negated: false }],
  ['?!', { kind: 'look', ahead: true, negated: true }],
  ['?>', { kind: 'atomic', spelledOut: false }],
  ['?|', { kind: 'reset' }],
];

const spelledOut: ReadonlyMap<string, GroupHead> = new Map([
  ['pla', { kind: 'look', ahead: true, negated: false }],
  ['positive_lookahead', { kind: 'look', ahead: true, negated: false }],
  ['nla', { kind: 'look', ahead: true, negated: true }],
  ['negative_lookahead', { kind: 'look', ahead: true, negated: true }],
  ['plb', { kind: 'look', ahead: false, negated: false }],
  ['positive_lookbehind', { kind: 'look', ahead: false, negated: false }],
  ['nlb', { kind: 'look', ahead: false, negated: true }],
  ['negative_lookbehind', { kind: 'look', ahead: false, negated: true }],
  ['atomic', { kind: 'atomic', spelledOut: true }],
]);

const conditional = 'a conditional has no equivalent in JavaScript: write the cases as alternatives';
const code = 'Perl code cannot be run in a pattern';
const recursion = 'recursion has no equivalent in JavaScript';
const extended = 'set operations in (?[ ]) are not translated: write a bracketed class';

const untranslatable: readonly (readonly [RegExp, string])[] = [
  [/\?\(/y, conditional],
  [/\?\??\{/y, code],
  [/\?(?:R|[+-]?[0-9]|&|P>)/y, recursion],
  [/\?\[/y, extended],
];

/** Reads from behind the `(` at `start`. */
export function readGroupHead(scanner: Scanner, start: number, modifiers: Modifiers): GroupHead {
  if (scanner.startsWith('*')) {
    return readVerb(scanner, start);
  }
  if (modifiers.x > 0 && scanner.look(/\s+[?*]/y) !== null) {
    scanner.match(/\s+[?*]/y);
    throw scanner.fail('no blank may stand between the parenthesis and this', start);
  }
  if (!scanner.startsWith('?')) {
    return modifiers.n ? { kind: 'plain', modifiers } : { kind: 'capture', name: null };
  }
  for (const [expression, message] of untranslatable) {
    if (scanner.match(expression) !== null) {
      throw scanner.fail(message, start);
    }
  }
  for (const [text, head] of heads) {
    if (scanner.take(text)) {
      return head;
    }
  }
  if (scanner.take('?P=')) {
    const name = readName(scanner, start);
    close(scanner, start, ')');
    return { kind: 'reference', name };
  }
  const opening = scanner.match(/\?(?:P?<|')/y)?.[0];
  if (opening !== undefined) {
    const name = readName(scanner, start);
    close(scanner, start, opening.endsWith("'") ? "'" : '>');
    return { kind: 'capture', name };
  }
  scanner.next();
  return readModifiers(scanner, start, modifiers);
}

export function readName(scanner: Scanner, start: number): string {
  const name = scanner.match(/[A-Za-z_][0-9A-Za-z_]*/y)?.[0];
  if (name === undefined) {
    scanner.next();
    throw scanner.fail('the name of a group begins with a letter or an underscore', start);
  }
  return name;
}

function close(scanner: Scanner, start: number, bracket: string): void {
  if (!scanner.take(bracket)) {
    throw scanner.fail(`the name of the group is not followed by ${bracket}`, start);
  }
}

function readVerb(scanner: Scanner, start: number): GroupHead {
  const name = scanner.match(/\*([A-Za-z_]*)/y)?.[1] ?? '';
  const head = spelledOut.get(name);
  if (head !== undefined && scanner.take(':')) {
    return head;
  }
  if ((name === 'F' || name === 'FAIL') && scanner.match(/(?::[^)]*)?\)/y) !== null) {
    return { kind: 'fail' };
  }
  throw scanner.fail(`the verb (*${name}) is not translated`, start);
}

/** `(?^i-s)`, `(?i-s:…)`: reads to behind the `)` or the `:`. */
function readModifiers(scanner: Scanner, start: number, inherited: Modifiers): GroupHead {
  let modifiers = inherited;
  const caret = scanner.take('^');
  if (caret) {
    modifiers = noModifiers;
  }
  let on = true;
  for (let sets = ''; ; ) {
    const letter = scanner.match(/xx|aa|./suy)?.[0] ?? '';
    if (letter === ')') {
      return { kind: 'modifiers', modifiers };
    }
    if (letter === ':') {
      return { kind: 'plain', modifiers };
    }
    if (letter === '-' && on && !caret) {
      on = false;
    } else if (/^(?:[imsn]|xx?)$/.test(letter)) {
      modifiers = { ...modifiers, ...change(letter, on) };
    } else if (/^(?:[ad]|aa)$/.test(letter) && on && isAllowed(sets + letter)) {
      // Octets have ASCII rules in any of these; `aa` differs in what ignores case beyond ASCII.
      sets += letter;
    } else if (letter === 'u' || letter === 'l') {
      throw scanner.fail(`modifier ${letter} would give \\w, \\d and \\s other meanings than ASCII's`, start);
    } else if (!/^[pogc]$/.test(letter)) {
      throw scanner.fail(letter === '' ? 'this group is not closed' : `“${letter}” is no modifier of a group`, start);
    }
  }
}

/** `a` may stand twice and `d` once, but not both. */
function isAllowed(sets: string): boolean {
  return /^(?:aa?|d)$/.test(sets);
}

function change(letter: string, on: boolean): Partial<Modifiers> {
  switch (letter) {
    case 'i':
      return { i: on };
    case 'm':
      return { m: on };
    case 's':
      return { s: on };
    case 'n':
      return { n: on };
    default:
      return { x: on ? (letter === 'xx' ? 2 : 1) : 0 };
  }
}
