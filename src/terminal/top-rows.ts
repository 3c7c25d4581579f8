/** The rows of the live listing: which there are, in which order, and what each shows. */

import { protocolId } from '../model/subject.js';
import type { FallbackStatus, ServerStatus, Status, VirtualStatus } from '../status/model.js';
import { type Cell, type Column, layOut } from './columns.js';
import { short, span, textIfKnown } from './figures.js';
import { applyStyle, type Surface } from './fitting.js';
import { fallbackHealth, fallbackReason, hasName, healthOf, reasonOf } from './listing.js';
import { printable } from './printable.js';

/** A server in a service. */
export interface Row {
  /** The same from one look to the next. */
  readonly key: string;
  readonly virtual: VirtualStatus;
  readonly server: ServerStatus;
  /** The same one, where it is a fallback. */
  readonly fallback: FallbackStatus | null;
}

const rate =
  (kind: 'connections' | 'inBytes' | 'outBytes') =>
  ({ server }: Row) =>
    server.traffic?.rate[kind] ?? -1;

/** By key of the keyboard: what it sorts by, and the figure, of which the largest comes first; null is by name. */
export const sorts = {
  n: { title: 'name', figure: null },
  h: { title: 'health, the worst first', figure: troubleOf },
  w: { title: 'weight', figure: ({ server }: Row) => server.weight ?? -1 },
  a: { title: 'active connections', figure: ({ server }: Row) => server.connections?.active ?? -1 },
  c: { title: 'new connections', figure: rate('connections') },
  i: { title: 'bytes in', figure: rate('inBytes') },
  o: { title: 'bytes out', figure: rate('outBytes') },
} as const satisfies Record<string, { title: string; figure: ((row: Row) => number) | null }>;
export type SortKey = keyof typeof sorts;

/** A fallback that serves is worth a look; one that waits is not. */
function troubleOf({ server, fallback }: Row): number {
  if (fallback !== null) return fallback.up ? (fallback.inUse ? 1 : -1) : 2;
  return server.state === 'down' ? 2 : server.state === 'up' ? 0 : 1;
}

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

const addressColumn = columns.findIndex(({ title }) => title === 'ADDRESS');

export interface Choice {
  /** What is to occur in the line of a server, in whatever case. */
  readonly filter: string;
  readonly sort: SortKey;
  readonly isReversed: boolean;
}

/** Those that the filter leaves, in order. */
export function chooseRows(status: Status | null, { filter, sort, isReversed }: Choice): readonly Row[] {
  if (status === null) return [];
  const wanted = filter.toLowerCase();
  const rows = status.virtuals
    .flatMap(rowsOf)
    .filter((row) => wanted === '' || searchText(row, status.at).includes(wanted));
  const { figure } = sorts[sort];
  // A stable sort: those of one figure stay in the order of the file.
  const sorted = figure === null ? rows.toSorted(byName) : rows.toSorted((a, b) => figure(b) - figure(a));
  return isReversed ? sorted.toReversed() : sorted;
}

function rowsOf(virtual: VirtualStatus): Row[] {
  const keyOf = (role: string, { name }: ServerStatus) => [protocolId(virtual), virtual.name, role, name].join(' ');
  return [
    ...virtual.servers.map((server) => ({ key: keyOf('real', server), virtual, server, fallback: null })),
    ...virtual.fallbacks.map((server) => ({ key: keyOf('fallback', server), virtual, server, fallback: server })),
  ];
}

/** Whether the row is there, whatever the filter. */
export function hasRow(status: Status, key: string): boolean {
  return status.virtuals.some((virtual) => rowsOf(virtual).some((row) => row.key === key));
}

/** The titles and the rows, with a mark before the chosen one. */
export function rowLines(
  rows: readonly Row[],
  chosen: Row | undefined,
  status: Status | null,
  { width, colour }: Surface,
): string[] {
  const cells = rows.map((row) => cellsOf(row, status?.at ?? 0));
  const isNamed = status?.virtuals.some(({ servers, fallbacks }) => servers.some(hasName) || fallbacks.some(hasName));
  // Where the file has addresses alone, they have no column of their own.
  const shown = isNamed ? columns : columns.toSpliced(addressColumn, 1);
  const shownCells = isNamed ? cells : cells.map((line) => line.toSpliced(addressColumn, 1));
  const lines = layOut(shown, shownCells, { width: width === null ? null : width - 1, colour });
  const mark = applyStyle({ text: '>', style: 'inverse' }, colour);
  return lines.map((line, at) => `${chosen !== undefined && rows[at - 1] === chosen ? mark : ' '}${line}`);
}

function searchText(row: Row, at: number): string {
  const { virtual, server } = row;
  const { name, called, protocol, title } = virtual;
  const words = [
    server.name,
    server.called,
    protocol,
    name,
    called,
    title ?? '',
    healthIn(row).text,
    reasonIn(row, at),
  ];
  return words.join(' ').toLowerCase();
}

function healthIn({ server, fallback }: Row): ReturnType<typeof healthOf> {
  return fallback === null ? healthOf(server) : fallbackHealth(fallback);
}

function reasonIn({ server, fallback }: Row, at: number): string {
  return fallback === null ? reasonOf(server, at) : fallbackReason(fallback, at);
}

function byName(a: Row, b: Row): number {
  return a.server.called.localeCompare(b.server.called, 'en', { numeric: true });
}

function cellsOf(row: Row, at: number): readonly Cell[] {
  const { virtual, server, fallback } = row;
  const traffic = server.traffic?.rate;
  return [
    { text: printable(server.called) },
    { text: hasName(server) ? printable(server.name) : '' },
    { text: printable(`${virtual.protocol} ${virtual.called}`) },
    healthIn(row),
    { text: textIfKnown(server.weight), style: server.weight === server.wanted ? undefined : 'yellow' },
    { text: textIfKnown(server.connections?.active, short) },
    { text: textIfKnown(traffic?.connections, short) },
    { text: textIfKnown(traffic?.inBytes, short) },
    { text: textIfKnown(traffic?.outBytes, short) },
    { text: fallback?.asked === false ? '' : span(at - server.since) },
    { text: printable(reasonIn(row, at)) },
  ];
}
