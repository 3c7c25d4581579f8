/** What tests keep: numbers that count up. */

import type { Keepsake } from '../../src/kept/keepsake.js';
import type { Work } from '../../src/slices.js';

export class Counted implements Keepsake {
  readonly name: string;
  readonly format: number;
  readonly end = '"end"';
  /** The last number that there is, and the last that was given away to be written. */
  last = 0;
  written = 0;
  recalled: readonly string[] = [];
  lost = 0;

  constructor(name: string, format = 1) {
    this.name = name;
    this.format = format;
  }

  count(by: number): void {
    this.last += by;
  }

  *recall(lines: readonly string[]): Work<number> {
    yield;
    this.recalled = lines;
    this.lost = lines.filter((line) => !/^(\d+|"end")$/.test(line)).length;
    this.last = Math.max(0, ...lines.map(Number).filter((number) => number > 0));
    return this.lost;
  }

  *all(): Work<readonly string[]> {
    yield;
    this.written = this.last;
    return Array.from({ length: Math.min(this.last, 1_000) }, (_, back) => String(this.last - back)).toReversed();
  }

  *news(): Work<readonly string[]> {
    yield;
    const from = Math.max(this.written, this.last - 1_000);
    this.written = this.last;
    return Array.from({ length: this.last - from }, (_, index) => String(from + index + 1));
  }
}
