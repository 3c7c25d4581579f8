/**
 * Sets of characters. The classes of Perl are ASCII here: the reference matches octets, for which Perl
 * knows no others.
 */

/** First and last code point. */
export type Range = readonly [number, number];

export interface CharacterSet {
  readonly ranges: readonly Range[];
  /** Unicode properties as JavaScript spells them: `\p{Lu}`. */
  readonly properties: readonly string[];
}

export const lastPoint = 0x10ffff;

/** The last character with a second case in Unicode 16. */
const lastCased = 0x1e943;

/** Ranges from pairs of characters: `AZaz` is A to Z and a to z. */
export function pairs(text: string): CharacterSet {
  const points = [...text].map((character) => character.codePointAt(0) ?? 0);
  const ranges = points.flatMap((point, index): Range[] =>
    index % 2 === 0 ? [[point, points[index + 1] ?? point]] : [],
  );
  return { ranges, properties: [] };
}

export function rangeSet(low: number, high: number): CharacterSet {
  return { ranges: [[low, high]], properties: [] };
}

const word = pairs('09AZ__az');
const space = pairs('\t\r  ');

/** By the letter of the escape in lower case; the capital is the complement. */
export const escapeClasses: ReadonlyMap<string, CharacterSet> = new Map([
  ['d', pairs('09')],
  ['w', word],
  ['s', space],
  ['h', pairs('\t\t  \u00a0\u00a0\u1680\u1680\u2000\u200a\u202f\u202f\u205f\u205f\u3000\u3000')],
  ['v', pairs('\n\r\u0085\u0085\u2028\u2029')],
]);

/** POSIX classes as Perl has them for ASCII. */
const posixClasses: ReadonlyMap<string, CharacterSet> = new Map([
  ['alpha', pairs('AZaz')],
  ['digit', pairs('09')],
  ['alnum', pairs('09AZaz')],
  ['upper', pairs('AZ')],
  ['lower', pairs('az')],
  ['punct', pairs('!/:@[`{~')],
  ['space', space],
  ['blank', pairs('\t\t  ')],
  ['cntrl', pairs('\0\x1f\x7f\x7f')],
  ['graph', pairs('!~')],
  ['print', pairs(' ~')],
  ['xdigit', pairs('09AFaf')],
  ['word', word],
  ['ascii', pairs('\0\x7f')],
]);

export function posixClass(name: string, ignoreCase: boolean): CharacterSet | undefined {
  return posixClasses.get(ignoreCase && (name === 'upper' || name === 'lower') ? 'alpha' : name);
}

export function union(sets: readonly CharacterSet[]): CharacterSet {
  return { ranges: sets.flatMap((set) => set.ranges), properties: sets.flatMap((set) => set.properties) };
}

/** Null where JavaScript has no word for it: several properties, or one with other characters. */
export function complement(set: CharacterSet): CharacterSet | null {
  const [property] = set.properties;
  if (property !== undefined) {
    const inverse = property.startsWith('\\p') ? property.replace('\\p', '\\P') : property.replace('\\P', '\\p');
    return set.properties.length + set.ranges.length === 1 ? { ranges: [], properties: [inverse] } : null;
  }
  const gaps: Range[] = [];
  let next = 0;
  for (const [low, high] of set.ranges.toSorted(([a], [b]) => a - b)) {
    if (low > next) {
      gaps.push([next, low - 1]);
    }
    next = Math.max(next, high + 1);
  }
  return { ranges: next > lastPoint ? gaps : [...gaps, [next, lastPoint]], properties: [] };
}

/**
 * The other cases of a range of characters. Only where one character stands for one, and never between
 * ASCII and the rest: `k` is not KELVIN SIGN, since the reference, which compares octets, never takes
 * them for each other.
 */
export function otherCases(low: number, high: number): CharacterSet {
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
  return { ranges: joinRanges([...others].sort((a, b) => a - b)), properties: [] };
}

function joinRanges(points: readonly number[]): Range[] {
  const ranges: [number, number][] = [];
  for (const point of points) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === point - 1) {
      last[1] = point;
    } else {
      ranges.push([point, point]);
    }
  }
  return ranges;
}

/** As a JavaScript class for flag `u`. */
export function renderSet(set: CharacterSet, negated = false): string {
  const ranges = set.ranges.map(([low, high]) =>
    low === high ? classCharacter(low) : `${classCharacter(low)}-${classCharacter(high)}`,
  );
  return `[${negated ? '^' : ''}${ranges.join('')}${set.properties.join('')}]`;
}

function classCharacter(point: number): string {
  const character = String.fromCodePoint(point);
  return /[0-9A-Za-z]/.test(character) ? character : `\\u{${point.toString(16)}}`;
}

/** One character as it stands outside a class. */
export function renderCharacter(point: number): string {
  const character = String.fromCodePoint(point);
  if (/[$()*+./?[\\\]^{|}]/.test(character)) {
    return `\\${character}`;
  }
  return /[ -~]/.test(character) ? character : renderOther(character, point);
}

/** Apart: V8 takes longer to read one Unicode property than all of a small file. */
function renderOther(character: string, point: number): string {
  return /[\p{C}\p{M}\p{Z}]/u.test(character) ? `\\u{${point.toString(16)}}` : character;
}
