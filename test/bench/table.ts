/** Rows as text for people. */

import type { PeerName } from './peers/peer.js';
import type { Row } from './results.js';

const peers: readonly PeerName[] = ['ours', 'before', 'keepalived', 'reference', 'haproxy', 'nginx'];
const others = peers.filter((name) => name !== 'ours');
const heads = ['measure', 'unit', 'goal', '', ...peers, ...others.map((name) => `to ${name}`)];
/** Columns of numbers, which stand at their right. */
const numbers = heads.indexOf('ours');
const indent = '  ';

/** A line for each work, and below it its rows in columns. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map(cellsOf);
  const widths = heads.map((head, column) => Math.max(head.length, ...cells.map((line) => line[column]?.length ?? 0)));
  const used = heads.map((_, column) => column < numbers || cells.some((line) => line[column] !== ''));
  const lines = rows.flatMap((row, index) => [
    ...(rows[index - 1]?.work === row.work ? [] : [row.work]),
    formatLine(cells[index] ?? [], widths, used),
  ]);
  return [formatLine(heads, widths, used), ...lines].map((line) => `${line}\n`).join('');
}

function cellsOf({ measure, unit, goals, medians, ratios }: Row): string[] {
  return [
    measure,
    unit,
    goals.map(({ goal }) => goal).join(', '),
    goals.map(({ met }) => (met === null ? '?' : met ? 'met' : 'MISSED')).join(', '),
    ...peers.map((peer) => number(medians[peer])),
    ...others.map((name) => number(ratios[name])),
  ];
}

function formatLine(line: readonly string[], widths: readonly number[], used: readonly boolean[]): string {
  const padded = line.map((cell, column) => {
    const width = widths[column] ?? 0;
    return column < numbers ? cell.padEnd(width) : cell.padStart(width);
  });
  return `${indent}${padded.filter((_, column) => used[column]).join('  ')}`.trimEnd();
}

/** Three digits that count, and no fewer before the point. */
function number(value: number | undefined): string {
  if (value === undefined) return '';
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 3));
}
