/** A line of the file with a caret line below it. */

import type { Span } from '../../model/config.js';
import { maskSecrets } from './mask.js';

/** In columns of a terminal; longer lines are cut around the span. */
const widest = 120;

/** One character as it is shown: where it stands in the line, and what keeps its place below. */
interface Cell {
  readonly index: number;
  readonly text: string;
  readonly width: number;
}

export interface Excerpt {
  readonly line: string;
  readonly carets: string;
}

/** Secrets are masked, control characters shown as U+FFFD. */
export function excerpt(text: string, span: Span): Excerpt {
  const cells = cellsOf(maskSecrets(text.replace(/\r$/, '')));
  const start = span.column - 1;
  const end = start + Math.max(1, span.length);
  const [from, to] = visible(cells, start, end);
  const shown = cells.slice(from, to);
  const before = from > 0 ? '…' : '';
  const after = to < cells.length ? '…' : '';
  const pad = shown
    .filter(({ index }) => index < start)
    .map(({ text, width }) => (text === '\t' ? '\t' : ' '.repeat(width)));
  const marked = shown.filter(({ index }) => index >= start && index < end).reduce((sum, { width }) => sum + width, 0);
  return {
    line: before + shown.map(({ text }) => text).join('') + after,
    carets: `${' '.repeat(before.length)}${pad.join('')}^${'~'.repeat(Math.max(0, marked - 1))}`,
  };
}

function cellsOf(line: string): Cell[] {
  const cells: Cell[] = [];
  let index = 0;
  for (const character of line) {
    cells.push({ index, ...show(character) });
    index += character.length;
  }
  return cells;
}

function show(character: string): { text: string; width: number } {
  return /[ -~\t]/.test(character) ? { text: character, width: 1 } : showOther(character);
}

/** Apart, with its properties of Unicode: V8 takes long to read them, and most files need none. */
function showOther(character: string): { text: string; width: number } {
  // What moves the cursor, hides or turns text around must not reach a terminal.
  if (/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u.test(character)) {
    return { text: '\ufffd', width: 1 };
  }
  if (/[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) return { text: character, width: 0 };
  const isWide =
    /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}\u{20000}-\u{3fffd}]/u;
  return { text: character, width: isWide.test(character) ? 2 : 1 };
}

/** First and last cell, the latter exclusive: the whole line, or as much as fits, the span's start in it. */
function visible(cells: readonly Cell[], start: number, end: number): readonly [number, number] {
  const width = (some: readonly Cell[]): number => some.reduce((sum, cell) => sum + cell.width, 0);
  if (width(cells) <= widest) {
    return [0, cells.length];
  }
  const first = cells.findIndex(({ index }) => index >= start);
  const at = first < 0 ? cells.length : first;
  const marked = width(cells.filter(({ index }) => index >= start && index < end));
  let left = Math.max(0, widest - Math.min(marked, widest / 2)) / 2;
  let from = at;
  while (from > 0 && left > 0) {
    from--;
    left -= cells[from]?.width ?? 0;
  }
  let room = widest - width(cells.slice(from, at));
  let to = at;
  while (to < cells.length && room > 0) {
    room -= cells[to]?.width ?? 0;
    to++;
  }
  return [from, to];
}
