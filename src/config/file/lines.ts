/** The lines of a file, and the places in them that diagnostics point at. */

import type { Span } from '../../model/config.js';
import { atOnce, type Work } from '../../slices.js';

export interface Line {
  /** Counts from 1. */
  readonly number: number;
  /** Without the newline. */
  readonly text: string;
}

/** A stretch of a line that is being read, and where its characters stand in the file. */
export interface Field {
  readonly text: string;
  /** The place of `length` characters of `text` from `offset` on; the whole field without arguments. */
  span(offset?: number, length?: number): Span;
}

/** Lines that are found without an interruption. */
const linesAtOnce = 1_000;

/** A byte order mark is part of the first line. */
export function splitLines(text: string): Line[] {
  return atOnce(splitInSlices(text));
}

/** The same as work that can be interrupted: large files have a hundred thousand lines. */
export function* splitInSlices(text: string): Work<Line[]> {
  const lines: Line[] = [];
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    lines.push({ number: lines.length + 1, text: text.slice(at, end) });
    at = end + 1;
    if (lines.length % linesAtOnce === 0) yield;
  }
  return lines;
}

export function lineSpan(line: Line): Span {
  return { line: line.number, column: 1, length: Math.max(1, line.text.length) };
}

/** A part of a line as it stands. */
export function fieldOf(line: Line, start: number, end: number = line.text.length): Field {
  return fieldAt(line, line.text.slice(start, end), (offset) => start + offset);
}

/** As in a section, where the reference turns each tab into four blanks. */
export function expandedFieldOf(line: Line, start: number, end: number = line.text.length): Field {
  const field = fieldOf(line, start, end);
  if (!field.text.includes('\t')) return field;
  const places: number[] = [];
  for (let index = 0; index < field.text.length; index++) {
    for (let width = field.text[index] === '\t' ? 4 : 1; width > 0; width--) places.push(start + index);
  }
  return fieldAt(line, field.text.replaceAll('\t', '    '), (offset) => places[offset] ?? end);
}

/** A field with characters of its own: `place` gives the position in the line of each of them. */
export function fieldAt(line: Line, text: string, place: (offset: number) => number): Field {
  return {
    text,
    span(offset = 0, length = text.length - offset) {
      const from = Math.min(place(offset), line.text.length);
      const to = Math.min(place(offset + length), line.text.length);
      return { line: line.number, column: from + 1, length: Math.max(1, to - from) };
    },
  };
}

/** A part of a field. */
export function subfield(field: Field, start: number, end: number = field.text.length): Field {
  return {
    text: field.text.slice(start, end),
    span: (offset = 0, length = end - start - offset) => field.span(start + offset, length),
  };
}

export function trimBlanks(text: string): string {
  return text.replace(/[ \t\v\f\r]+$/, '');
}
