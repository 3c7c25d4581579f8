/**
 * Sets of characters, written as the inside of a JavaScript class under flag `v`, where classes nest.
 * The classes of Perl are ASCII here: the reference matches octets, for which Perl knows no others.
 */

/** The last character with a second case, rounded up, in Unicode 16. */
const lastCased = 0x1e943;

const word = '0-9A-Z_a-z';
const space = '\\x09-\\x0d\\x20';

/** By the letter of the escape, in lower case; the capital is the complement. */
export const escapeClasses: ReadonlyMap<string, string> = new Map([
  ['d', '0-9'],
  ['w', word],
  ['s', space],
  ['h', '\\x09\\x20\\xa0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000'],
  ['v', '\\x0a-\\x0d\\x85\\u2028\\u2029'],
]);

/** POSIX classes as Perl has them for ASCII. */
const posixClasses: ReadonlyMap<string, string> = new Map([
  ['alpha', 'A-Za-z'],
  ['digit', '0-9'],
  ['alnum', '0-9A-Za-z'],
  ['upper', 'A-Z'],
  ['lower', 'a-z'],
  ['punct', '\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e'],
  ['space', space],
  ['blank', '\\x09\\x20'],
  ['cntrl', '\\x00-\\x1f\\x7f'],
  ['graph', '\\x21-\\x7e'],
  ['print', '\\x20-\\x7e'],
  ['xdigit', '0-9A-Fa-f'],
  ['word', word],
  ['ascii', '\\x00-\\x7f'],
]);

export function posixClass(name: string, ignoreCase: boolean): string | undefined {
  return posixClasses.get(ignoreCase && (name === 'upper' || name === 'lower') ? 'alpha' : name);
}

export function complement(set: string): string {
  return `[^${set}]`;
}

/** One character as it stands inside a class. */
export function classCharacter(point: number): string {
  const character = String.fromCodePoint(point);
  return /[0-9A-Za-z]/.test(character) ? character : `\\u{${point.toString(16)}}`;
}

/** One character as it stands outside a class. */
export function patternCharacter(point: number): string {
  const character = String.fromCodePoint(point);
  if (/[$()*+./?[\\\]^{|}]/.test(character)) {
    return `\\${character}`;
  }
  return /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{M}\p{Z}]/u.test(character) && character !== ' '
    ? `\\u{${point.toString(16)}}`
    : character;
}

export function classRange(low: number, high: number): string {
  return low === high ? classCharacter(low) : `${classCharacter(low)}-${classCharacter(high)}`;
}

/**
 * The other cases of a range of characters, as ranges; empty where there are none. Only where one
 * character stands for one, and never between ASCII and the rest: `k` is not KELVIN SIGN, since the
 * reference, which compares octets, never takes them for each other.
 */
export function otherCases(low: number, high: number): string {
  const others = new Set<number>();
  for (let point = low; point <= Math.min(high, lastCased); point++) {
    const character = String.fromCodePoint(point);
    for (const other of [character.toLowerCase(), character.toUpperCase()]) {
      const found = other.codePointAt(0) ?? point;
      if (String.fromCodePoint(found) === other && found < 128 === point < 128 && (found < low || found > high)) {
        others.add(found);
      }
    }
  }
  return ranges([...others].sort((a, b) => a - b));
}

function ranges(points: readonly number[]): string {
  let text = '';
  for (let start = 0, end = 0; start < points.length; start = end) {
    end = start + 1;
    while (end < points.length && points[end] === (points[end - 1] ?? 0) + 1) {
      end++;
    }
    text += classRange(points[start] ?? 0, points[end - 1] ?? 0);
  }
  return text;
}
