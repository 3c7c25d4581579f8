/** Lines of aligned columns for a terminal of some width, or for a pipe. */

import { applyStyle, cut, cutApart, lengthOf, type Style, type Surface } from './fitting.js';

export interface Cell {
  readonly text: string;
  readonly style?: Style | undefined;
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** Which columns get room first where there is not enough for all: 1 before 2; without one it always stays. */
  readonly dispensable?: number;
  /** So wide it may become for the sake of other columns, and no narrower; without it its cells are never cut. */
  readonly least?: number;
  /** Where its cells are cut; at their end without it. */
  readonly cut?: 'middle';
  /** Has no room, however much there is. */
  readonly isLeftOut?: boolean;
}

/** A row of cells, one for each column, or a text across all. */
export type Line = readonly Cell[] | Cell;

const gap = 2;
/** Columns of a terminal to which one that is cut shrinks where even what always stays has no room. */
const leastOfAll = 4;

/** The titles and the lines. Columns that may be cut get the room that is left, the first of them first. */
export function layOut(columns: readonly Column[], lines: readonly Line[], surface: Surface): string[] {
  return layOutInParts(columns, surface)(lines);
}

/**
 * The same for lines that come a part after another: the first part, with the titles above it, says which columns there
 * are. In a pipe, where nothing is cut, they become wider with what comes later; on a terminal they stay as they are.
 */
export function layOutInParts(columns: readonly Column[], surface: Surface): (lines: readonly Line[]) => string[] {
  let shown: readonly Shown[] | null = null;
  return (lines) => {
    const isFirst = shown === null;
    shown =
      shown === null ? chooseColumns(columns, lines, surface.width) : widened(shown, columns, lines, surface.width);
    const titles = columns.map(({ title }): Cell => ({ text: title, style: 'dim' }));
    return layOutAs(shown, columns, isFirst ? [titles, ...lines] : lines, surface);
  };
}

function widened(
  shown: readonly Shown[],
  columns: readonly Column[],
  lines: readonly Line[],
  width: number | null,
): readonly Shown[] {
  if (width !== null) return shown;
  return shown.map(({ index, room }) => ({ index, room: Math.max(room, widthOf(columns, lines, index)) }));
}

function layOutAs(
  shown: readonly Shown[],
  columns: readonly Column[],
  lines: readonly Line[],
  { width, colour }: Surface,
): string[] {
  const layOuts = shown.map(({ index, room }, place) => {
    const { align, cut: where } = columns[index] ?? {};
    const apart = place === 0 ? '' : ' '.repeat(gap);
    // The last one needs nothing behind it; figures stand below each other all the same.
    const isLast = place === shown.length - 1 && align === undefined;
    const padded = (text: string): string => (isLast ? text : pad(text, room, align));
    // In a pipe there is room for all.
    if (width === null) return { index, apart, textOf: padded };
    const cutIn =
      where === 'middle'
        ? cutApart(
            lines.flatMap((line) => textIn(line, index)),
            room,
          )
        : (text: string) => cut(text, room);
    const before = shown.slice(0, place).reduce((sum, { room }) => sum + room + gap, 0);
    return { index, apart, textOf: (text: string) => cut(padded(cutIn(text)), Math.max(0, width - before)) };
  });
  return lines.map((line) => {
    if (!isRow(line)) return applyStyle({ text: cut(line.text, width), style: line.style }, colour);
    let text = '';
    for (const { index, apart, textOf } of layOuts) {
      const cell = line[index] ?? nothing;
      text += apart + applyStyle({ text: textOf(cell.text), style: cell.style }, colour);
    }
    return text.trimEnd();
  });
}

const nothing: Cell = { text: '' };

interface Shown {
  readonly index: number;
  readonly room: number;
}

/** The columns for which there is room, and how much each has. */
function chooseColumns(columns: readonly Column[], lines: readonly Line[], width: number | null): readonly Shown[] {
  const all = columns.flatMap(({ isLeftOut, dispensable, least }, index) => {
    if (isLeftOut) return [];
    const wanted = widthOf(columns, lines, index);
    return { index, dispensable, wanted, least: Math.min(wanted, least ?? wanted), shrinks: least !== undefined };
  });
  if (width === null) return all.map(({ index, wanted }) => ({ index, room: wanted }));
  const shown = new Set(all.filter(({ dispensable }) => dispensable === undefined));
  const sum = (): number => [...shown].reduce((total, { least }) => total + least + gap, -gap);
  for (const column of all.toSorted((a, b) => (a.dispensable ?? 0) - (b.dispensable ?? 0))) {
    if (column.dispensable === undefined) continue;
    shown.add(column);
    if (sum() > width) shown.delete(column);
  }
  let left = width - sum();
  return all
    .filter((column) => shown.has(column))
    .map(({ index, wanted, least, shrinks }) => {
      const room = shrinks ? Math.max(leastOfAll, Math.min(wanted, least + left)) : least;
      left -= room - least;
      return { index, room };
    });
}

function widthOf(columns: readonly Column[], lines: readonly Line[], index: number): number {
  let widest = columns[index]?.title.length ?? 0;
  for (const line of lines) if (isRow(line)) widest = Math.max(widest, lengthOf(line[index]?.text ?? ''));
  return widest;
}

function textIn(line: Line, index: number): string | [] {
  return isRow(line) ? (line[index]?.text ?? []) : [];
}

function isRow(line: Line): line is readonly Cell[] {
  return Array.isArray(line);
}

function pad(text: string, width: number, align: Column['align']): string {
  // What JavaScript counts twice is one column.
  const room = width + text.length - lengthOf(text);
  return align === 'right' ? text.padStart(room) : text.padEnd(room);
}
