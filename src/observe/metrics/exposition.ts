/**
 * The text format that Prometheus reads, version 0.0.4. Written here and not by prom-client, which makes the text of
 * 150,000 samples in one go: it held the loop up for a second and more where this takes slices of some milliseconds.
 */

import type { Work } from '../../slices.js';
import type { Labels } from './labels.js';

export const contentType = 'text/plain; version=0.0.4; charset=utf-8';

/** A metric as the manual lists it. */
export interface Described {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  /** A sentence without its full stop. */
  readonly help: string;
  readonly labels: readonly string[];
}

/** Bytes of a portion. */
const portion = 128 * 1024;
/** Bytes of a number at most, with what stands around it. */
const longestNumber = 32;
const [zero, space, newline] = [48, 32, 10];
/** Up to which whole numbers are what V8 counts fastest with. */
const largestSmall = 2 ** 30;

/** Gathers what is written and gives it as bytes in portions, so that many readers can share them. */
export class Exposition {
  #portion: Buffer = Buffer.allocUnsafeSlow(portion);
  #length = 0;
  #full: Buffer[] = [];

  head({ name, type, help }: Described): void {
    this.#addText(`# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`);
  }

  /** `labels` as `labelText` makes them, or empty. */
  sample(name: string, labels: string, value: number): void {
    this.#addText(`${name}${labels} ${numberText(value)}\n`);
  }

  /**
   * The same of one of very many. Byte by byte: there are a million and a half such lines, and to make a text of each takes
   * three times as long, with a gigabyte to be cleared away.
   */
  sampleAt(name: Uint8Array, labels: Labels, place: number, value: number): void {
    const [start, end] = [labels.start(place), labels.end(place)];
    this.#reach(name.length + end - start + longestNumber);
    this.#addBytes(name, 0, name.length);
    this.#addBytes(labels.bytes, start, end);
    this.#addNumber(value);
  }

  /** With one more label, as `moreLabel` makes it. */
  sampleWith(name: Uint8Array, labels: Labels, place: number, more: Uint8Array, value: number): void {
    const [start, end] = [labels.start(place), labels.end(place) - 1];
    this.#reach(name.length + end - start + more.length + longestNumber);
    this.#addBytes(name, 0, name.length);
    this.#addBytes(labels.bytes, start, end);
    this.#addBytes(more, 0, more.length);
    this.#addNumber(value);
  }

  /** Those that are full by now; they are not given again. */
  take(): readonly Buffer[] {
    if (this.#full.length === 0) return none;
    const taken = this.#full;
    this.#full = [];
    return taken;
  }

  /** All that were not taken. */
  end(): readonly Buffer[] {
    this.#close(0);
    return this.take();
  }

  #addText(text: string): void {
    const bytes = Buffer.from(text);
    this.#reach(bytes.length);
    this.#portion.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** There is room for them. */
  #addBytes(from: Uint8Array, start: number, end: number): void {
    const to = this.#portion;
    let at = this.#length;
    for (let index = start; index < end; index += 1) {
      to[at] = from[index] ?? 0;
      at += 1;
    }
    this.#length = at;
  }

  /** With what stands before and behind it. */
  #addNumber(value: number): void {
    const to = this.#portion;
    to[this.#length] = space;
    this.#length += 1;
    if (Number.isInteger(value) && value >= 0 && value < largestSmall && !Object.is(value, -0)) this.#addDigits(value);
    else this.#length += to.write(numberText(value), this.#length, 'latin1');
    to[this.#length] = newline;
    this.#length += 1;
  }

  #addDigits(value: number): void {
    const to = this.#portion;
    let digits = 1;
    for (let bound = 10; bound <= value; bound *= 10) digits += 1;
    let rest = value;
    for (let at = this.#length + digits - 1; at >= this.#length; at -= 1) {
      const tenth = Math.trunc(rest / 10);
      to[at] = zero + rest - tenth * 10;
      rest = tenth;
    }
    this.#length += digits;
  }

  #reach(length: number): void {
    if (this.#length + length > this.#portion.length) this.#close(length);
  }

  #close(next: number): void {
    if (this.#length > 0) this.#full.push(this.#portion.subarray(0, this.#length));
    this.#portion = Buffer.allocUnsafeSlow(Math.max(portion, next));
    this.#length = 0;
  }
}

const none: readonly Buffer[] = [];

/** A step of the work of writing: what many samples are written in. */
export type Writing = Work<void>;

/** `{a="b",c="d"}`, the same for all metrics of one object; empty without labels. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** The labels with one more. */
export function withLabel(labels: string, name: string, value: string): string {
  const pair = `${name}="${escapeLabel(value)}"`;
  return labels === '' ? `{${pair}}` : `${labels.slice(0, -1)},${pair}}`;
}

/** What of `withLabel` stands behind the labels, as bytes. */
export function moreLabel(name: string, value: string): Uint8Array {
  return Buffer.from(`,${withLabel('', name, value).slice(1)}`);
}

/** What most values are made of alone. */
const plain = /^[^\\"\n]*$/;

function escapeLabel(value: string): string {
  if (plain.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
