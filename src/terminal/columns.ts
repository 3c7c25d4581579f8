/** Lines of aligned columns for a terminal of some width, or for a pipe. */

import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

export interface Cell {
  readonly text: string;
  readonly style?: Style | undefined;
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** Where there is no room for all, columns go, those with the highest number first; without one it always stays. */
  readonly dispensable?: number;
}

/** A row of cells, one for each column, or a text across all. */
export type Line = readonly Cell[] | Cell;

export interface Surface {
  /** Columns; null is without bound. */
  readonly width: number | null;
  readonly colour: boolean;
}

const gap = 2;
/** Columns of a terminal below which the last one says little: others go before. */
const leastLast = 18;

/** The titles and the lines. The last column gets the room that is left, and is cut where it is longer. */
export function layOut(columns: readonly Column[], lines: readonly Line[], surface: Surface): string[] {
  const shown = chooseWidths(columns, lines, surface.width);
  const widths = shown.map((index) => widthOf(columns, lines, index));
  const titles = columns.map(({ title }): Cell => ({ text: title, style: 'dim' }));
  return [titles, ...lines].map((line) => {
    if (!isRow(line)) return applyStyle({ ...line, text: cut(line.text, surface.width) }, surface.colour);
    let used = 0;
    const parts = shown.map((index, place) => {
      const cell = line[index] ?? { text: '' };
      const isLast = place === shown.length - 1;
      const room = surface.width === null ? null : Math.max(0, surface.width - used);
      // The last one needs nothing behind it; figures stand below each other all the same.
      const own = columns[index]?.align;
      const text = cut(isLast && own === undefined ? cell.text : pad(cell.text, widths[place] ?? 0, own), room);
      used += (widths[place] ?? 0) + gap;
      return applyStyle({ ...cell, text }, surface.colour);
    });
    return parts.join(' '.repeat(gap)).trimEnd();
  });
}

/** Indices of the columns for which there is room. */
function chooseWidths(columns: readonly Column[], lines: readonly Line[], width: number | null): number[] {
  let shown = columns.map((_, index) => index);
  if (width === null) return shown;
  const needed = (): number =>
    shown.reduce((sum, index, place) => {
      const own = widthOf(columns, lines, index);
      return sum + (place === shown.length - 1 ? Math.min(own, leastLast) : own + gap);
    }, 0);
  const order = shown
    .filter((index) => columns[index]?.dispensable !== undefined)
    .toSorted((a, b) => (columns[b]?.dispensable ?? 0) - (columns[a]?.dispensable ?? 0));
  for (const index of order) {
    if (needed() <= width) break;
    shown = shown.filter((other) => other !== index);
  }
  return shown;
}

function widthOf(columns: readonly Column[], lines: readonly Line[], index: number): number {
  let widest = columns[index]?.title.length ?? 0;
  for (const line of lines) if (isRow(line)) widest = Math.max(widest, lengthOf(line[index]?.text ?? ''));
  return widest;
}

function isRow(line: Line): line is readonly Cell[] {
  return Array.isArray(line);
}

function pad(text: string, width: number, align: Column['align']): string {
  const blank = ' '.repeat(Math.max(0, width - lengthOf(text)));
  return align === 'right' ? blank + text : text + blank;
}

/** With an ellipsis where it is longer than the room. */
export function cut(text: string, room: number | null): string {
  if (room === null || lengthOf(text) <= room) return text;
  return room <= 0 ? '' : `${[...text].slice(0, room - 1).join('')}…`;
}

export function applyStyle({ text, style }: Cell, colour: boolean): string {
  return style === undefined || !colour || text === '' ? text : styleText(style, text, { validateStream: false });
}

function lengthOf(text: string): number {
  return [...text].length;
}
