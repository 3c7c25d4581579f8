/** `\1`, `\g{-1}`, `\k<name>`: what a group matched before. */

import { readName } from './groups.js';
import type { Scanner } from './scanner.js';

/**
 * Reads what follows a backslash at `start`: the number or name of the group. Null where the escape is
 * another one, and then nothing is taken. `groups` is how many have been opened so far.
 */
export function readReference(scanner: Scanner, start: number, groups: number): number | string | null {
  const number = scanner.look(/[1-9][0-9]*/y)?.[0];
  if (number !== undefined) {
    // Two digits and more are an octal escape unless so many groups have been opened.
    if (Number(number) > Math.max(9, groups) && !/^[89]/.test(number)) {
      return null;
    }
    scanner.position += number.length;
    return Number(number);
  }
  if (scanner.take('g')) {
    return readNumbered(scanner, start, groups);
  }
  return scanner.take('k') ? readNamed(scanner, start) : null;
}

function readNumbered(scanner: Scanner, start: number, groups: number): number | string {
  const braces = scanner.match(/\{[ \t]*/y) !== null;
  const number = scanner.match(/-?[0-9]+/y)?.[0];
  if (number === undefined && !braces) {
    throw scanner.fail('\\g wants the number of a group: \\g1 or \\g{-1}', start);
  }
  const group = number === undefined ? readName(scanner, start) : Number(number);
  // Perl forgives what stands between the number and the brace.
  if (braces && scanner.match(number === undefined ? /[ \t]*\}/y : /[^}]*\}/y) === null) {
    throw scanner.fail('\\g{ is not closed', start);
  }
  if (typeof group === 'string') {
    return group;
  }
  const absolute = group < 0 ? groups + 1 + group : group;
  if (absolute < 1 || /^-?0/.test(number ?? '')) {
    throw scanner.fail('there is no such group before this place', start);
  }
  return absolute;
}

function readNamed(scanner: Scanner, start: number): string {
  const opening = scanner.match(/\{[ \t]*|[<']/y)?.[0].charAt(0);
  if (opening === undefined) {
    throw scanner.fail('\\k wants the name of a group: \\k<name>', start);
  }
  const name = readName(scanner, start);
  if (scanner.match(opening === '{' ? /[ \t]*\}/y : opening === '<' ? />/y : /'/y) === null) {
    throw scanner.fail('\\k is not closed', start);
  }
  return name;
}
