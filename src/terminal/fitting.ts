/** Texts for the room that there is: what goes first, where a text is cut, and where it goes on on the next line. */

import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

export interface Surface {
  /** Columns; null is without bound. */
  readonly width: number | null;
  readonly colour: boolean;
}

/** A part of a line. */
export interface Piece {
  readonly text: string;
  /** Where there is no room for all, pieces go, those with the highest number first; without one it stays. */
  readonly dispensable?: number;
  /** It is cut in the middle down to so many columns before the end of the line is. */
  readonly least?: number;
}

/** The pieces in a line. */
export function fit(pieces: readonly Piece[], width: number | null): string {
  if (width === null) return pieces.map(({ text }) => text).join('');
  let left = pieces;
  for (;;) {
    const worst = Math.max(...left.map(({ dispensable }) => dispensable ?? 0));
    if (worst <= 0 || neededBy(left) <= width) break;
    left = left.filter(({ dispensable }) => dispensable !== worst);
  }
  let over = left.reduce((sum, { text }) => sum + lengthOf(text), -width);
  const cutPieces = left.map(({ text, least = Number.POSITIVE_INFINITY }) => {
    const room = over <= 0 ? null : Math.min(lengthOf(text), Math.max(least, lengthOf(text) - over));
    const own = cutMiddle(text, room);
    over -= lengthOf(text) - lengthOf(own);
    return own;
  });
  return cut(cutPieces.join(''), width);
}

/** Columns: what could go is cut before anything goes, what stays only after that. */
function neededBy(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { text, dispensable, least }) => {
    const mayShrink = dispensable !== undefined && least !== undefined;
    return sum + Math.min(lengthOf(text), mayShrink ? least : Number.POSITIVE_INFINITY);
  }, 0);
}

/** With an ellipsis where it is longer than the room. */
export function cut(text: string, room: number | null): string {
  if (room === null || lengthOf(text) <= room) return text;
  return room <= 0 ? '' : `${[...text].slice(0, room - 1).join('')}…`;
}

/**
 * The same in its middle, for names and addresses: of a name the beginning tells most, of an address of IPv6 its end
 * tells as much.
 */
export function cutMiddle(text: string, room: number | null): string {
  if (room === null || lengthOf(text) <= room) return text;
  if (room <= 0) return '';
  const characters = [...text];
  const behind = Math.floor((room - 1) / (text.includes('[') ? 2 : 3));
  return `${characters.slice(0, room - 1 - behind).join('')}…${characters.slice(characters.length - behind).join('')}`;
}

/** Cuts texts that stand below each other, so that those that are different stay so, as far as that is possible. */
export function cutApart(texts: readonly string[], room: number): (text: string) => string {
  const long = new Set(texts.filter((text) => lengthOf(text) > room));
  const usual = (text: string): string => cutMiddle(text, room);
  if (new Set([...long].map(usual)).size === long.size) return usual;
  const [first = '', ...others] = long;
  const alike = others.reduce((sum, text) => Math.min(sum, alikeBefore(first, text)), first.length);
  const behind = others.reduce((sum, text) => Math.min(sum, alikeBehind(first, text, alike)), first.length - alike);
  return (text) => {
    // Two ellipses, and around them a part of what all have in common.
    const spare = room - 2 - (text.length - alike - behind);
    if (!long.has(text) || spare < 3) return usual(text);
    const part = Math.floor(spare / 3);
    const kept = [text.slice(0, part), text.slice(alike - (spare - 2 * part), text.length - behind), text.slice(-part)];
    const isWhole = alike - (spare - 2 * part) > part && behind > part;
    return isWhole ? kept.join('…') : usual(text);
  };
}

function alikeBefore(one: string, other: string): number {
  let alike = 0;
  while (alike < one.length && one[alike] === other[alike]) alike += 1;
  return alike;
}

function alikeBehind(one: string, other: string, from: number): number {
  let alike = 0;
  const most = Math.min(one.length, other.length) - from;
  while (alike < most && one.at(-1 - alike) === other.at(-1 - alike)) alike += 1;
  return alike;
}

/**
 * Lines of a text that is broken between its words, all but the first with an indent. A word that is longer than a line
 * is broken where it must be.
 */
export function wrap(text: string, width: number | null, indent = ''): string[] {
  if (width === null || width < 1 || lengthOf(text) <= width) return [text];
  const lines: string[] = [];
  // Narrower than that, the indent would take most of the room.
  const lead = indent.length * 2 > width ? '' : indent;
  let line: string | null = null;
  for (const word of text.split(' ')) {
    const longer: string = line === null ? word : `${line} ${word}`;
    if (lengthOf(longer) <= width) {
      line = longer;
      continue;
    }
    const isBlank: boolean = line === null || line.trim() === '';
    if (!isBlank) lines.push(line ?? '');
    let rest: string[] = [...(isBlank ? longer : lead + word)];
    while (rest.length > width) {
      lines.push(rest.slice(0, width).join(''));
      rest = [...lead, ...rest.slice(width)];
    }
    line = rest.join('');
  }
  return line === null ? lines : [...lines, line];
}

export function applyStyle(
  { text, style }: { readonly text: string; readonly style?: Style | undefined },
  colour: boolean,
): string {
  return style === undefined || !colour || text === '' ? text : styleText(style, text, { validateStream: false });
}

const pair = /[\ud800-\udbff]/;

/** In characters: what is beyond 16 bits, of which hardly a text has any, is two to JavaScript. */
export function lengthOf(text: string): number {
  return pair.test(text) ? [...text].length : text.length;
}
