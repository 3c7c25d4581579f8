/** The live listing as a pure function: what a key does to the view, and what the view shows. */

import { countsParts } from '../status/counts.js';
import type { ServerStatus, Status, VirtualStatus } from '../status/model.js';
import { type Cell, type Column, layOut } from './columns.js';
import { short, span, textIfKnown } from './figures.js';
import { applyStyle, cut, fit, type Surface } from './fitting.js';
import { hasName, healthOf, reasonOf } from './listing.js';
import { printable } from './printable.js';

export interface View {
  /** Null before the first answer. */
  readonly status: Status | null;
  /** Why there is nothing newer; null where there is. */
  readonly trouble: string | null;
  readonly sort: SortKey;
  readonly isReversed: boolean;
  /** Shown are the servers in whose line this occurs, in whatever case. */
  readonly filter: string;
  /** Whether keys go to the filter. */
  readonly isTyping: boolean;
  readonly isPaused: boolean;
  readonly isHelp: boolean;
  /** Of the first server that is shown. */
  readonly offset: number;
  readonly isOver: boolean;
}

interface Row {
  readonly virtual: VirtualStatus;
  readonly server: ServerStatus;
}

const rate =
  (kind: 'connections' | 'inBytes' | 'outBytes') =>
  ({ server }: Row) =>
    server.traffic?.rate[kind] ?? -1;

/** By key of the keyboard: what it sorts by, and the figure, of which the largest comes first; null is by name. */
const sorts = {
  n: { title: 'name', figure: null },
  h: { title: 'health, the worst first', figure: ({ server }: Row) => (server.held ? 1 : server.up ? 0 : 2) },
  w: { title: 'weight', figure: ({ server }: Row) => server.weight ?? -1 },
  a: { title: 'active connections', figure: ({ server }: Row) => server.connections?.active ?? -1 },
  c: { title: 'new connections', figure: rate('connections') },
  i: { title: 'bytes in', figure: rate('inBytes') },
  o: { title: 'bytes out', figure: rate('outBytes') },
} as const satisfies Record<string, { title: string; figure: ((row: Row) => number) | null }>;
export type SortKey = keyof typeof sorts;

export const newView: View = {
  status: null,
  trouble: null,
  sort: 'n',
  isReversed: false,
  filter: '',
  isTyping: false,
  isPaused: false,
  isHelp: false,
  offset: 0,
  isOver: false,
};

const columns: readonly Column[] = [
  // As wide as an address of IPv6 with its port, it is whole.
  { title: 'SERVER', least: 47, cut: 'middle' },
  { title: 'ADDRESS', dispensable: 9 },
  { title: 'SERVICE', dispensable: 3, least: 20, cut: 'middle' },
  { title: 'HEALTH' },
  { title: 'WEIGHT', align: 'right', dispensable: 8 },
  { title: 'ACTIVE', align: 'right', dispensable: 2 },
  { title: 'CONN/S', align: 'right', dispensable: 4 },
  { title: 'IN B/S', align: 'right', dispensable: 6 },
  { title: 'OUT B/S', align: 'right', dispensable: 5 },
  { title: 'SINCE', align: 'right', dispensable: 7 },
  { title: 'REASON', dispensable: 1, least: 18 },
];

const helpLines = [
  'q          quit',
  ...Object.entries(sorts).map(([key, { title }]) => `${key}          sort by ${title}`),
  'r          the other way round',
  '/          filter: type, Enter keeps it, Escape ends it',
  'space      stand still, and go on',
  'arrows     up and down; page up, page down, home and end move further',
  '?          this help',
];

/** Lines besides those of the servers and above them: the titles and the last one. */
const frame = 2;
const longestFilter = 100;

/** A key as `keyOf` names it. */
export function pressKey(view: View, key: string, rows: number): View {
  if (key === 'ctrl-c') return { ...view, isOver: true };
  if (view.isTyping) return typeKey(view, key);
  if (view.isHelp) return { ...view, isHelp: false };
  const page = roomFor(view, rows);
  const last = Math.max(0, chooseRows(view).length - page);
  const moved = (by: number): View => ({ ...view, offset: Math.min(last, Math.max(0, view.offset + by)) });
  switch (key) {
    case 'q':
      return { ...view, isOver: true };
    case 'r':
      return { ...view, isReversed: !view.isReversed };
    case '/':
      return { ...view, isTyping: true };
    case 'escape':
      return { ...view, filter: '', offset: 0 };
    case ' ':
      return { ...view, isPaused: !view.isPaused };
    case '?':
      return { ...view, isHelp: true };
    case 'up':
      return moved(-1);
    case 'down':
      return moved(1);
    case 'pageup':
      return moved(-page);
    case 'pagedown':
      return moved(page);
    case 'home':
      return moved(-last);
    case 'end':
      return moved(last);
    default:
      return Object.hasOwn(sorts, key) ? { ...view, sort: key as SortKey, isReversed: false, offset: 0 } : view;
  }
}

function typeKey(view: View, key: string): View {
  if (key === 'enter') return { ...view, isTyping: false };
  if (key === 'escape') return { ...view, isTyping: false, filter: '', offset: 0 };
  if (key === 'backspace') return { ...view, filter: view.filter.slice(0, -1), offset: 0 };
  if ([...key].length !== 1 || view.filter.length >= longestFilter) return view;
  return { ...view, filter: view.filter + key, offset: 0 };
}

/** The lines of a screen of some rows and columns; never more, and none wider. */
export function screen(view: View, { rows, width, colour }: Surface & { readonly rows: number }): string[] {
  const surface = { width, colour };
  const room = roomFor(view, rows);
  const shown = chooseRows(view);
  const body = view.isHelp
    ? helpLines.map((line) => cut(line, width))
    : serverLines(view, shown.slice(view.offset, view.offset + room), surface);
  const frameOf = (text: string): string => applyStyle({ text, style: 'inverse' }, colour);
  const head = headLines(view, width).map(frameOf);
  const foot = frameOf(cut(printable(footLine(view)), width));
  return [...head, ...body.slice(0, room + 1), foot].slice(0, Math.max(1, rows));
}

/** Servers for which a screen of some rows has room. */
function roomFor(view: View, rows: number): number {
  return Math.max(1, rows - frame - headLines(view, null).length);
}

/** Where the file has addresses alone, they have no column of their own. */
function serverLines(view: View, rows: readonly Row[], surface: Surface): string[] {
  const cells = rows.map(cellsOf(view));
  const isNamed = view.status?.virtuals.some(({ servers }) => servers.some(hasName));
  if (isNamed) return layOut(columns, cells, surface);
  const at = columns.findIndex(({ title }) => title === 'ADDRESS');
  return layOut(
    columns.toSpliced(at, 1),
    cells.map((line) => line.toSpliced(at, 1)),
    surface,
  );
}

/** What is amiss comes first, on a line of its own. */
function headLines({ status, trouble }: View, width: number | null): string[] {
  if (status === null) return [cut(printable(trouble ?? 'asking the daemon …'), width)];
  const { file, phase, checks, rejected, counts } = status;
  const { services, servers, others } = countsParts(counts);
  const amiss =
    trouble !== null
      ? `nothing newer than ${clock(status.at)}: ${trouble}`
      : rejected === null
        ? null
        : `the file on disk does not rule: ${rejected}`;
  const line = fit(
    [
      { text: `${printable(file)}: `, dispensable: 2, least: 14 },
      { text: `${phase}, `, dispensable: 3 },
      { text: `${services}, `, dispensable: 1 },
      { text: `${servers}${others}` },
      { text: checks === null ? '' : `, ${checks.started} checks/s`, dispensable: 4 },
    ],
    width,
  );
  return amiss === null ? [line] : [cut(printable(amiss), width), line];
}

/** The time of day. */
function clock(at: number): string {
  return new Date(at).toLocaleTimeString('sv');
}

function footLine(view: View): string {
  if (view.isTyping) return `filter: ${view.filter}_`;
  const filter = view.filter === '' ? '' : `, filter ${view.filter}`;
  const order = `by ${sorts[view.sort].title}${view.isReversed ? ', reversed' : ''}`;
  return `${order}${filter}${view.isPaused ? ', standing still' : ''}; ? help, q quit`;
}

/** The servers that the filter leaves, in order. */
function chooseRows({ status, filter, sort, isReversed }: View): Row[] {
  if (status === null) return [];
  const wanted = filter.toLowerCase();
  const rows = status.virtuals
    .flatMap((virtual) => virtual.servers.map((server): Row => ({ virtual, server })))
    .filter((row) => wanted === '' || searchText(row, status.at).includes(wanted));
  const { figure } = sorts[sort];
  // A stable sort: those of one figure stay in the order of the file.
  const sorted = figure === null ? rows.toSorted(byName) : rows.toSorted((a, b) => figure(b) - figure(a));
  return isReversed ? sorted.toReversed() : sorted;
}

function searchText({ virtual, server }: Row, at: number): string {
  const { text } = healthOf(server);
  return [
    server.name,
    server.called,
    virtual.protocol,
    virtual.name,
    virtual.called,
    virtual.title ?? '',
    text,
    reasonOf(server, at),
  ]
    .join(' ')
    .toLowerCase();
}

function byName(a: Row, b: Row): number {
  return a.server.called.localeCompare(b.server.called, 'en', { numeric: true });
}

function cellsOf({ status }: View): (row: Row) => readonly Cell[] {
  return ({ virtual, server }) => {
    const { text, style } = healthOf(server);
    const traffic = server.traffic?.rate;
    return [
      { text: printable(server.called) },
      { text: hasName(server) ? printable(server.name) : '' },
      { text: printable(`${virtual.protocol} ${virtual.called}`) },
      { text, style },
      { text: textIfKnown(server.weight), style: server.weight === server.wanted ? undefined : 'yellow' },
      { text: textIfKnown(server.connections?.active, short) },
      { text: textIfKnown(traffic?.connections, short) },
      { text: textIfKnown(traffic?.inBytes, short) },
      { text: textIfKnown(traffic?.outBytes, short) },
      { text: span((status?.at ?? 0) - server.since) },
      { text: printable(reasonOf(server, status?.at ?? 0)) },
    ];
  };
}
