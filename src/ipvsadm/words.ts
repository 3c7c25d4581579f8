/** Words of a command line to options and values, by the rules of popt(3), which ipvsadm reads its own with. */

import { type Option, options } from './options.js';

export interface Given {
  readonly option: Option;
  /** Null where it has none. */
  readonly value: string | null;
  /** The last word that belongs to it, as it was typed. */
  readonly word: string;
}

export interface Words {
  /** In the order given, up to the problem. */
  readonly given: readonly Given[];
  /** Words that are no options, and all after `--`. */
  readonly rest: readonly string[];
  /** What the first word that cannot be read is wrong about; null where all could be read. */
  readonly problem: string | null;
}

const byLong = new Map(
  options.flatMap((option) => (option.long === undefined ? [] : [[option.long, option] as const])),
);
const byShort = new Map(
  options.flatMap((option) => (option.short === undefined ? [] : [[option.short, option] as const])),
);

class Unreadable extends Error {}

export function readWords(words: readonly string[]): Words {
  const reader = new Reader(words);
  try {
    reader.read();
    return { given: reader.given, rest: reader.rest, problem: null };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { given: reader.given, rest: reader.rest, problem: error.message };
  }
}

class Reader {
  readonly given: Given[] = [];
  readonly rest: string[] = [];
  readonly #words: readonly string[];
  #next = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  read(): void {
    for (let word = this.#take(); word !== undefined; word = this.#take()) {
      if (word === '--') {
        this.rest.push(...this.#words.slice(this.#next));
        return;
      }
      if (word.startsWith('--')) this.#readLong(word);
      else if (word.startsWith('-') && word !== '-') this.#readShort(word);
      else this.rest.push(word);
    }
  }

  #readLong(word: string): void {
    const [, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const option = byLong.get(name);
    if (!option) throw new Unreadable(`${word}: unknown option`);
    if (value !== undefined && !option.value) throw new Unreadable(`${word}: option does not take an argument`);
    this.#add(option, value ?? null, word);
  }

  /** Several options in one word; what follows one that takes a value is the value. */
  #readShort(word: string): void {
    for (let at = 1; at < word.length; at += 1) {
      const option = byShort.get(word.charAt(at));
      if (!option) throw new Unreadable(`${word}: unknown option`);
      const left = word.slice(at + 1);
      if (!option.value || left === '') {
        this.#add(option, null, word);
        continue;
      }
      this.#add(option, left.replace(/^=/, ''), word);
      return;
    }
  }

  /** Takes the next word as the value of an option that wants one and has none. */
  #add(option: Option, value: string | null, word: string): void {
    const isOpen = value === null && option.value !== undefined;
    // A value that may be left out is taken to be where the next word does not look like an option.
    const next = isOpen && (option.value === 'required' || !this.#peek()?.startsWith('-')) ? this.#take() : undefined;
    if (isOpen && option.value === 'required' && next === undefined) throw new Unreadable(`${word}: missing argument`);
    this.given.push({ option, value: value ?? next ?? null, word: next ?? word });
  }

  #peek(): string | undefined {
    return this.#words[this.#next];
  }

  #take(): string | undefined {
    const word = this.#words[this.#next];
    if (word !== undefined) this.#next += 1;
    return word;
  }
}
