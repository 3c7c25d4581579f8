/**
 * The text of a plain file in pieces that are read each by itself: what stands before the first section, and the sections.
 * Of a large file that is read again few of them are other ones.
 */

import type { Work } from '../../slices.js';
import { type Line, splitLines } from './lines.js';

/** A section as it is written: from the line that opens it to the last one that says something. */
export interface Block {
  /** Of its first line, which counts from 1. */
  readonly line: number;
  readonly text: string;
}

export interface Blocks {
  /** Before the first section, likewise. */
  readonly head: string;
  readonly sections: readonly Block[];
}

const opening = /virtual6?[ \t\v\f]*=/y;
/** Characters of a comment that says nothing: a line that is too long is an error. */
const shortComment = 1_000;
/** Lines that are looked at without an interruption. */
const linesAtOnce = 2_000;

/** Null where something is said once for the whole file, whichever section it is found in. */
export function* blocksOf(text: string): Work<Blocks | null> {
  if (text.includes('\r')) return null;
  const begins: { readonly line: number; readonly at: number }[] = [];
  for (let line = 1, at = 0; at < text.length; line += 1) {
    opening.lastIndex = at;
    if (text.charAt(at) === 'v' && opening.test(text)) begins.push({ line, at });
    const end = text.indexOf('\n', at);
    at = end < 0 ? text.length : end + 1;
    if (line % linesAtOnce === 0) yield;
  }
  const upTo = (from: number, next = text.length): string => text.slice(from, endOfWords(text, from, next));
  const sections: Block[] = [];
  for (const [index, { line, at }] of begins.entries()) {
    sections.push({ line, text: upTo(at, begins[index + 1]?.at) });
    yield;
  }
  return { head: upTo(0, begins[0]?.at), sections };
}

/** The end without empty lines and comments at the margin, which often are about the section below. */
function endOfWords(text: string, from: number, to: number): number {
  for (let end = to; end > from; ) {
    const begin = end < 2 ? 0 : text.lastIndexOf('\n', end - 2) + 1;
    const isComment = text.charAt(begin) === '#' && end - begin < shortComment;
    if (begin < from || !(isComment || text.charAt(begin) === '\n')) return end;
    end = begin;
  }
  return from;
}

/** A line of a section, with something in it. */
const inSection = /^(?: {4}| {0,3}\t)/;
const blank = /^[ \t\v\f]*$/;
const comment = /^[ \t\v\f]*#/;

/**
 * Whether no line of a section, by its form, can say anything of another one or of the global section, nor come after the
 * section's end.
 */
export function isPlain({ text }: Block): boolean {
  const [, ...lines] = splitLines(text);
  let hasEnded = false;
  for (const line of lines) {
    if (comment.test(line.text)) continue;
    if (blank.test(line.text)) hasEnded = true;
    else if (hasEnded || !inSection.test(line.text)) return false;
  }
  return true;
}

/** Its lines, which do not keep the text of the whole file in memory, as parts of it do. */
export function linesOf({ text, line }: Block): Line[] {
  const own = JSON.parse(JSON.stringify(text)) as string;
  return splitLines(own).map(({ number, text: written }) => ({ number: number + line - 1, text: written }));
}
