/** Reading the source of a pattern from left to right. */

import { PatternError } from './syntax.js';

export class Scanner {
  readonly source: string;
  position = 0;

  constructor(source: string) {
    this.source = source;
  }

  get done(): boolean {
    return this.position >= this.source.length;
  }

  /** The character at the position, or the empty string at the end. */
  peek(): string {
    const point = this.source.codePointAt(this.position);
    return point === undefined ? '' : String.fromCodePoint(point);
  }

  /** Takes one character; the empty string at the end. */
  next(): string {
    const character = this.peek();
    this.position += character.length;
    return character;
  }

  startsWith(text: string): boolean {
    return this.source.startsWith(text, this.position);
  }

  /** Takes the text where it stands next. */
  take(text: string): boolean {
    if (!this.startsWith(text)) {
      return false;
    }
    this.position += text.length;
    return true;
  }

  /** What a sticky expression finds at the position, without taking it. */
  look(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.position;
    return expression.exec(this.source);
  }

  /** Takes what a sticky expression finds at the position. */
  match(expression: RegExp): RegExpExecArray | null {
    const found = this.look(expression);
    this.position += found === null ? 0 : found[0].length;
    return found;
  }

  /** An error about everything from `start` up to the position, one character at least. */
  fail(message: string, start: number): PatternError {
    const offset = Math.max(0, Math.min(start, this.source.length - 1));
    const length = Math.min(Math.max(1, this.position - offset), this.source.length - offset);
    return new PatternError(message, offset, length);
  }
}
