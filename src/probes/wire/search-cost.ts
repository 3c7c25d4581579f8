/**
 * How long a search by backtracking can take, from the expression alone. Each way in which an expression can match is
 * tried at worst, from each place in the text: a repeated character has as many ways as the text is long, and what
 * follows is tried for each of them; a repeated group has ways without bound.
 */

/** At most `factor * length ** degree` of something. */
interface Ways {
  readonly factor: number;
  readonly degree: number;
}

const one: Ways = { factor: 1, degree: 0 };
const unbounded: Ways = { factor: Number.POSITIVE_INFINITY, degree: 0 };

export interface SearchCost {
  readonly ways: Ways;
  /** Steps of one way, but for what is repeated as often as the text allows. */
  readonly size: number;
}

const known = new WeakMap<RegExp, SearchCost>();

/** Of an expression without flag `v`. */
export function costOf(regex: RegExp): SearchCost {
  const found = known.get(regex);
  if (found !== undefined) return found;
  const cost = new Reader(regex.source).read();
  known.set(regex, cost);
  return cost;
}

/** Steps of a search in a text of so many UTF-16 units, at most. */
export function stepsOf(regex: RegExp, length: number): number {
  const { ways, size } = costOf(regex);
  return size * ways.factor * length ** (1 + ways.degree);
}

/** What starts a group, but for its parenthesis. */
const groupStart = /\?(?:[:=!]|<[=!]|<[^>]*>)/y;
/** A reference to a group, a property, or any other character after a backslash. */
const escaped = /([1-9]\d*|k<[^>]*>)|[pPu]\{[^}]*\}|[\s\S]/y;
const classRest = /(?:[^\]\\]|\\[\s\S])*\]/y;
const quantifier = /(?:[*+?]|\{(\d+)(,(\d*))?\})\??/y;

class Reader {
  readonly #source: string;
  #at = 0;
  #size = 1;

  constructor(source: string) {
    this.#source = source;
  }

  /** What is not understood to its end has no bound. */
  read(): SearchCost {
    const ways = this.#alternatives();
    return { ways: this.#at === this.#source.length ? ways : unbounded, size: this.#size };
  }

  #alternatives(): Ways {
    let all = this.#sequence();
    while (this.#source[this.#at] === '|') {
      this.#at += 1;
      all = sum(all, this.#sequence());
    }
    return all;
  }

  #sequence(): Ways {
    let all = one;
    for (;;) {
      const next = this.#source[this.#at];
      if (next === undefined || next === '|' || next === ')') return all;
      all = product(all, this.#term());
    }
  }

  #term(): Ways {
    const sizeBefore = this.#size;
    const isGroup = this.#source[this.#at] === '(';
    const ways = isGroup ? this.#group() : this.#single();
    const found = this.#match(quantifier);
    if (found === null) return ways;
    const [min, max] = countsOf(found);
    this.#size += (this.#size - sizeBefore) * (Number.isFinite(max) ? max : 1);
    return isGroup || ways.degree > 0 ? timesGroup(ways, min, max) : timesSingle(min, max);
  }

  #group(): Ways {
    this.#at += 1;
    this.#match(groupStart);
    const inner = this.#alternatives();
    if (this.#source[this.#at] !== ')') return unbounded;
    this.#at += 1;
    return inner;
  }

  #single(): Ways {
    this.#size += 1;
    const first = this.#source[this.#at];
    this.#at += 1;
    if (first === '[') return this.#match(classRest) === null ? unbounded : one;
    if (first !== '\\') return one;
    const [, reference] = this.#match(escaped) ?? [];
    // As long as what the group has matched.
    return reference === undefined ? one : { factor: 1, degree: 1 };
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }
}

function countsOf([text = '', low, comma, high]: RegExpExecArray): readonly [min: number, max: number] {
  switch (text[0]) {
    case '*':
      return [0, Number.POSITIVE_INFINITY];
    case '+':
      return [1, Number.POSITIVE_INFINITY];
    case '?':
      return [0, 1];
  }
  const min = Number(low);
  if (comma === undefined) return [min, min];
  return [min, high === '' || high === undefined ? Number.POSITIVE_INFINITY : Number(high)];
}

function timesSingle(min: number, max: number): Ways {
  return Number.isFinite(max) ? { factor: max - min + 1, degree: 0 } : { factor: 1, degree: 1 };
}

/** From `min` to `max` turns, each with all of its ways. */
function timesGroup(ways: Ways, min: number, max: number): Ways {
  if (!Number.isFinite(max)) return unbounded;
  let all: Ways = { factor: 0, degree: 0 };
  let turns = one;
  for (let count = 0; count <= max && Number.isFinite(all.factor); count += 1) {
    if (count >= min) all = sum(all, turns);
    turns = product(turns, ways);
  }
  return all;
}

function sum(first: Ways, second: Ways): Ways {
  return { factor: first.factor + second.factor, degree: Math.max(first.degree, second.degree) };
}

function product(first: Ways, second: Ways): Ways {
  return { factor: first.factor * second.factor, degree: first.degree + second.degree };
}
