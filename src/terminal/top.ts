/** The screen of the live listing: a pure function of what there is to see and of the room for it. */

import { localClockText } from '../model/local-time.js';
import { countsParts } from '../status/counts.js';
import type { Status } from '../status/model.js';
import { roleText } from '../status/role-words.js';
import { explanationText } from './explanation.js';
import { applyStyle, cut, fit, type Surface } from './fitting.js';
import { printable } from './printable.js';
import { chooseRows, rowLines, sorts } from './top-rows.js';
import { chosenIndex, offsetFor, pressKeyOn, type Question, type View } from './top-view.js';

const helpLines = [
  'q          quit',
  ...Object.entries(sorts).map(([key, { title }]) => `${key}          sort by ${title}`),
  'r          the other way round',
  '/          filter: type, Enter keeps it, Escape ends it',
  'space      stand still, and go on',
  'arrows     choose a server, as j and k do; page up, page down, home and end go further',
  'd, u       drain the chosen one, or undrain it, after a question',
  'e, Enter   explain it',
  '?          this help',
];

/** Lines besides those of the servers and above them: the titles and the last one. */
const frame = 2;

export interface Screen extends Surface {
  readonly rows: number;
}

/** A key as `keysOf` names it. */
export function pressKey(view: View, key: string, rows: number): View {
  return pressKeyOn(view, key, roomFor(view, rows));
}

/** The lines of a screen of some rows and columns; never more, and none wider. */
export function screen(view: View, { rows, width, colour }: Screen): string[] {
  const frameOf = (text: string): string => applyStyle({ text, style: 'inverse' }, colour);
  const head = headLines(view, width).map(frameOf);
  const body = bodyLines(view, roomFor(view, rows), { width, colour });
  const foot = frameOf(footLine(view, width));
  // Where there is no room for all, what is asked is seen.
  return [...[...head, ...body].slice(0, Math.max(0, rows - 1)), foot];
}

/** Servers for which a screen of some rows has room. */
function roomFor(view: View, rows: number): number {
  return Math.max(1, rows - frame - (amissIn(view) === null ? 1 : 2));
}

/** One line more than there is room for servers: these have titles. */
function bodyLines(view: View, room: number, surface: Surface): string[] {
  const { status, explained } = view;
  if (view.isHelp) return helpLines.map((line) => cut(line, surface.width)).slice(0, room + 1);
  if (explained !== null) {
    const lines = explained.what.flatMap((one) => [...explanationText(one, explained.at, surface).split('\n'), '']);
    const isWhole = lines.length <= room + 1;
    return isWhole ? lines : [...lines.slice(0, room), cut('… explain shows the rest', surface.width)];
  }
  const rows = chooseRows(status, view);
  const at = chosenIndex(view, rows);
  const from = offsetFor(view.offset, at, rows.length, room);
  return rowLines(rows.slice(from, from + room), rows[at], status, surface);
}

function amissIn({ status, trouble }: View): string | null {
  if (status === null) return null;
  if (trouble !== null) return `nothing newer than ${localClockText(status.at)}: ${trouble}`;
  return status.rejected === null ? null : `the file on disk does not rule: ${status.rejected}`;
}

/** What is amiss comes first, on a line of its own. */
function headLines(view: View, width: number | null): string[] {
  const { status, trouble } = view;
  if (status === null) return [cut(printable(trouble ?? 'asking the daemon …'), width)];
  const amiss = amissIn(view);
  return [...(amiss === null ? [] : [cut(printable(amiss), width)]), countsLine(status, width)];
}

function countsLine(status: Status, width: number | null): string {
  const { file, phase, checks, counts } = status;
  const { services, servers, others } = countsParts(counts);
  return fit(
    [
      { text: `${printable(file)}: `, dispensable: 2, least: 14 },
      { text: `${phase}, `, dispensable: 3 },
      { text: `${services}, `, dispensable: 1 },
      { text: `${servers}${others}` },
      { text: roleText(status) },
      { text: checks === null ? '' : `, ${checks.started} checks/s`, dispensable: 4 },
    ],
    width,
  );
}

function footLine(view: View, width: number | null): string {
  const { isTyping, filter, question, underWay, note, explained } = view;
  if (isTyping) return cut(printable(`filter: ${filter}_`), width);
  if (question !== null) return questionLine(question, width);
  if (note !== null) return cut(printable(note), width);
  if (underWay !== null)
    return fit([{ text: `${underWay.verb} ` }, { text: printable(underWay.who), least: 8 }, { text: ' …' }], width);
  if (explained !== null || view.isHelp) return cut('any key goes back', width);
  const order = `by ${sorts[view.sort].title}${view.isReversed ? ', reversed' : ''}`;
  return fit(
    [
      { text: order, dispensable: 3 },
      { text: filter === '' ? '' : printable(`, filter ${filter}`), least: 14 },
      { text: view.isPaused ? ', standing still' : '' },
      { text: '; d drain, u undrain, e explain', dispensable: 4 },
      { text: '; ? help, q quit', dispensable: 5 },
    ],
    width,
  );
}

/** Who it is about and how to answer are there at any width. */
function questionLine({ errand, because }: Question, width: number | null): string {
  return fit(
    [
      { text: printable(because === '' ? '' : `${because}: `), dispensable: 1, least: 20 },
      { text: `${errand.verb} ` },
      { text: printable(errand.who), least: 8 },
      { text: ' in every service that has it', dispensable: 2 },
      { text: because === '' ? '? y/n' : ' all the same? y/n' },
    ],
    width,
  );
}
