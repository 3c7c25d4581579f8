/** The listing of directors, and of what they differ in. */

import type { DirectorPresence, DirectorStatus, SharedStatus } from '../status/shared-status.js';
import { type Cell, type Column, type Line, layOut } from './columns.js';
import { span } from './figures.js';
import { applyStyle, type Surface, wrap } from './fitting.js';
import { printable } from './printable.js';

const columns: readonly Column[] = [
  { title: 'DIRECTOR' },
  { title: 'STATE' },
  { title: 'ROLE' },
  { title: 'DOWN', align: 'right' },
  { title: 'SERVERS', align: 'right', dispensable: 4 },
  { title: 'FITNESS', align: 'right', dispensable: 5 },
  { title: 'CONFIGURATION', dispensable: 3 },
  { title: 'VERSION', dispensable: 6 },
  { title: 'UP', align: 'right', dispensable: 2 },
  { title: 'ADDRESSES', dispensable: 1, least: 16 },
];

/** `at` in milliseconds since 1970. */
export function directorsText(shared: SharedStatus, at: number, surface: Surface): string[] {
  const { width, colour } = surface;
  const lines: Line[] = shared.directors.map((director) => lineOf(director, at));
  const differences = shared.directors.flatMap(({ name, there, differences }) => [
    ...(there?.unready ? [`${name} is not ready: ${there.unready}`] : []),
    ...differences.map(({ kind, text }) => `${name} differs in ${kind}: ${text}`),
  ]);
  const others = [
    ...(shared.pending > 0 ? [`The store does not have ${shared.pending} decisions of this director yet`] : []),
    ...shared.contested.map(({ address, others }) => `${address} is active here and on ${others.join(', ')} at once`),
    ...shared.misread.map(({ key, reason }) => `The key ${key} means nothing: ${reason}`),
  ];
  const amiss = [...others, ...differences].flatMap((text) => wrap(printable(text), width, '  '));
  return [...layOut(columns, lines, surface), ...amiss.map((text) => applyStyle({ text, style: 'yellow' }, colour))];
}

function lineOf({ name, isSelf, there }: DirectorStatus, at: number): Cell[] {
  const called = { text: printable(isSelf ? `${name} (this one)` : name) };
  if (there === null) return [called, { text: 'absent', style: 'red' }];
  const { role, down, servers, fitness, config, version, started, vips } = there;
  return [
    called,
    stateOf(there),
    { text: role },
    { text: String(down), style: down > 0 ? 'yellow' : undefined },
    { text: String(servers) },
    { text: fitness === null ? '-' : String(fitness) },
    { text: printable(config) },
    { text: printable(version) },
    { text: span(at - started) },
    { text: printable(vips === null ? 'all' : vips.join(' ')) },
  ];
}

function stateOf({ ready, leaving }: DirectorPresence): Cell {
  if (leaving) return { text: 'leaving', style: 'yellow' };
  return ready ? { text: 'ready', style: 'green' } : { text: 'not ready', style: 'red' };
}
