/** What becomes of the things that a good server says, one after another: some are changed on their way. */

import type { Random } from '../helpers/random.js';

/** What is done in place of saying a thing. */
export type Step = { readonly say: Buffer } | { readonly wait: number } | 'end' | 'reset' | 'stall';

/** A change of one thing that is said. */
type Change = (said: Buffer, random: Random) => readonly Step[];

const say = (...pieces: readonly Uint8Array[]): readonly Step[] => [{ say: Buffer.concat(pieces) }];

/** A part of it, at least one byte where there is one. */
function part(said: Buffer, random: Random): [before: Buffer, within: Buffer, after: Buffer] {
  const from = random(Math.max(1, said.length));
  const to = from + 1 + random(Math.max(1, Math.min(32, said.length - from)));
  return [said.subarray(0, from), said.subarray(from, to), said.subarray(to)];
}

function noise(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)));
}

/** With their ends. */
function linesOf(said: Buffer): Buffer[] {
  return said
    .toString('latin1')
    .split(/(?<=\n)/)
    .map((line) => Buffer.from(line, 'latin1'));
}

/** What other servers say, and what looks like the end of something. */
const strange = [
  '220 hi\r\n',
  '250 ok\r\n',
  '-ERR no\r\n',
  '+OK\r\n',
  '* BYE\r\n',
  'b NO\r\n',
  '421 going down\r\n',
  'HTTP/1.1 500 No\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  '\r\n',
  '\n',
  '.\r\n',
  '0\r\n\r\n',
  'x'.repeat(70_000),
  '\0',
  '\xff\xff\xff\xff',
].map((text) => Buffer.from(text, 'latin1'));

function pick<T>(list: readonly T[], random: Random): T {
  const one = list[random(list.length)];
  if (one === undefined) throw new RangeError('there is nothing to choose from');
  return one;
}

function cut(end: Step): Change {
  return (said, random) => [{ say: said.subarray(0, random(said.length)) }, end];
}

/** The first text that the pattern matches from somewhere on, changed; without one, a byte. */
function edited(pattern: RegExp, change: (found: string, random: Random) => string): Change {
  return (said, random) => {
    const text = said.toString('latin1');
    const from = random(Math.max(1, text.length));
    const found = [...text.matchAll(pattern)].find(({ index }) => index >= from) ?? pattern.exec(text);
    if (found === null || found.index === undefined) return flip(said, random);
    const [before, after] = [text.slice(0, found.index), text.slice(found.index + found[0].length)];
    return [{ say: Buffer.from(`${before}${change(found[0], random)}${after}`, 'latin1') }];
  };
}

const flip: Change = (said, random) => {
  const bytes = Buffer.from(said);
  const at = random(Math.max(1, bytes.length));
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
  return [{ say: bytes }];
};

const harmful: Readonly<Record<string, Change>> = {
  flip,
  'other byte': (said, random) => {
    const bytes = Buffer.from(said);
    bytes[random(Math.max(1, bytes.length))] = random(256);
    return [{ say: bytes }];
  },
  insert: (said, random) => {
    const [before, within, after] = part(said, random);
    return say(before, noise(random, 1 + random(8)), within, after);
  },
  'strange text': (said, random) => {
    const at = random(said.length + 1);
    return say(said.subarray(0, at), pick(strange, random), said.subarray(at));
  },
  'strange text first': (said, random) => say(pick(strange, random), said),
  'strange text at the end': (said, random) => say(said, pick(strange, random)),
  'strange text instead': (_, random) => say(pick(strange, random)),
  'noise instead': (_, random) => say(noise(random, 1 + random(600))),
  remove: (said, random) => {
    const [before, , after] = part(said, random);
    return say(before, after);
  },
  double: (said, random) => {
    const [before, within, after] = part(said, random);
    return say(before, within, within, after);
  },
  replace: (said, random) => {
    const [before, within, after] = part(said, random);
    return say(before, noise(random, within.length), after);
  },
  'without a line': (said, random) => {
    const lines = linesOf(said);
    lines.splice(random(lines.length), 1);
    return say(...lines);
  },
  'a line twice': (said, random) => {
    const lines = linesOf(said);
    const at = random(lines.length);
    return say(...lines.slice(0, at + 1), ...lines.slice(at));
  },
  'lines in another order': (said, random) => {
    const lines = linesOf(said);
    const [line] = lines.splice(random(lines.length), 1);
    lines.splice(random(lines.length + 1), 0, line ?? Buffer.alloc(0));
    return say(...lines);
  },
  'another digit': edited(/\d/g, (_, random) => String(random(10))),
  'another number': edited(/\d+/g, (_, random) =>
    pick(['', '0', '-1', '65536', '4294967296', '99999999999999999999', '1e9', '0x10'], random),
  ),
  'another case': edited(/[a-z]+/gi, (word) => (word === word.toLowerCase() ? word.toUpperCase() : word.toLowerCase())),
  'another line end': edited(/\r\n/g, (_, random) => pick(['\n', '\r', '\r\r\n', '\n\r', '', '\r\n\r\n'], random)),
  'blanks in another way': edited(/ /g, (_, random) => pick(['', '  ', '\t', '-', '\0'], random)),
  twice: (said) => say(said, said),
  'never said': () => [],
  'silent from here': () => ['stall'],
  'ends before': () => ['end'],
  'resets before': () => ['reset'],
  'ends after': (said) => [{ say: said }, 'end'],
  'resets after': (said) => [{ say: said }, 'reset'],
  'cut, and ends': cut('end'),
  'cut, and resets': cut('reset'),
  'cut, and silent': cut('stall'),
};

const late: Change = (said, random) => [{ wait: 1 + random(20) }, { say: said }];

const harmless: Readonly<Record<string, Change>> = {
  late,
  'in two pieces': (said, random) => {
    const at = random(said.length + 1);
    return [{ say: said.subarray(0, at) }, { wait: random(3) }, { say: said.subarray(at) }];
  },
  'byte by byte': (said) => {
    const begin = [...said.subarray(0, 200)].flatMap((byte): Step[] => [{ say: Buffer.from([byte]) }, { wait: 0 }]);
    return [...begin, { say: said.subarray(200) }];
  },
};

const kinds = { harmful: Object.entries(harmful), harmless: Object.entries(harmless), late: Object.entries({ late }) };

/** Changes one or two of the things that are said in one check. */
export class Mutator {
  readonly harmless: boolean;
  readonly #random: Random;
  readonly #changes = new Map<number, readonly [string, Change]>();
  /** What is asked once more over UDP is answered in the same wrong way. */
  readonly #period: number;
  #count = 0;

  /**
   * `usual` is how many things a good server says. One check in eight is changed in harmless ways alone; a datagram in
   * pieces is none.
   */
  constructor(random: Random, usual: number, datagrams: boolean) {
    this.#random = random;
    this.#period = datagrams ? Math.max(1, usual) : Number.POSITIVE_INFINITY;
    this.harmless = random(8) === 0;
    const table = !this.harmless ? kinds.harmful : datagrams ? kinds.late : kinds.harmless;
    for (let changes = 1 + random(2); changes > 0; changes -= 1) {
      this.#changes.set(random(Math.max(1, usual)), pick(table, random));
    }
  }

  /** What becomes of the next thing that is said. */
  next(said: Buffer): readonly Step[] {
    const [, change] = this.#changes.get(this.#count) ?? [];
    this.#count = (this.#count + 1) % this.#period;
    return change === undefined ? [{ say: said }] : change(said, this.#random);
  }

  toString(): string {
    return [...this.#changes].map(([at, [name]]) => `${name} (${at + 1})`).join(', ');
  }
}
