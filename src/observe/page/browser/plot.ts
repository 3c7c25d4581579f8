/** Courses of the last hour as plots, each with its meaning in words. */

import type { Course, HistoryAnswer } from '../../http/shapes.js';
import { element, svg } from './dom.js';
import { count } from './words.js';

/** The plot's own coordinates; it is stretched to the place it has. */
const height = 100;

/** What is so now, which the last hour knows only at its next step. */
export type Now = Readonly<Record<'up' | 'servers' | 'active', number>>;

/** How many servers were up, against how many there are. */
export function healthPlot(history: HistoryAnswer, now: Now): HTMLElement {
  const up = ending(history.up, now.up);
  const servers = ending(history.servers, now.servers);
  const most = Math.max(1, ...known(servers));
  const least = Math.min(...known(up));
  const told = `${count(now.up)} of ${count(now.servers)} now, least ${count(least)}`;
  const paths = [
    svg('path', { d: area(servers, most), class: 'area-bad' }),
    svg('path', { d: area(up, most), class: 'area-good' }),
    svg('path', { d: line(up, most), class: 'line-good' }),
  ];
  return figure('Servers up', told, up.length, paths);
}

export function connectionPlot(history: HistoryAnswer, now: Now): HTMLElement {
  const active = ending(history.active, now.active);
  const most = Math.max(1, ...known(active)) * 1.05;
  const told = `${count(now.active)} now, most ${count(Math.max(...known(active)))}`;
  const paths = [
    svg('path', { d: area(active, most), class: 'area-plain' }),
    svg('path', { d: line(active, most), class: 'line-plain' }),
  ];
  return figure('Active connections', told, active.length, paths);
}

/** How tall each state is drawn, so that colour is not all that tells them apart. */
const strips: Readonly<Record<string, number>> = { u: 1, d: 0.4, h: 0.7 };
const stripWords: Readonly<Record<string, string>> = { u: 'up', d: 'down', h: 'held', '-': 'not known' };

/** The states of a server as letters, one a step: one rectangle for each run of the same. */
export function statePlot(states: string): SVGElement {
  const runs = [...states.matchAll(/([udh])\1*/g)].map(({ 0: run, index }) => {
    const letter = run[0] ?? '-';
    const tall = height * (strips[letter] ?? 1);
    return svg('rect', {
      x: String(index),
      y: String(height - tall),
      width: String(run.length),
      height: String(tall),
      class: letter,
    });
  });
  const shares = ['u', 'd', 'h'].flatMap((letter) => {
    const steps = states.split(letter).length - 1;
    return steps === 0
      ? []
      : [`${stripWords[letter]} ${Math.round((steps * 100) / states.replaceAll('-', '').length)} %`];
  });
  const label =
    shares.length === 0 ? 'Last hour: nothing known yet' : `Last hour: ${shares.join(', ')} of what is known`;
  return svg('svg', { ...frame(states.length), class: 'strip', 'aria-label': label }, ...runs);
}

function figure(name: string, told: string, steps: number, paths: readonly Node[]): HTMLElement {
  const label = `${name} in the last hour: ${told}`;
  return element(
    'figure',
    { class: 'plot' },
    element('figcaption', {}, element('span', {}, name), element('span', {}, told)),
    svg('svg', { ...frame(steps), 'aria-label': label }, ...paths),
    element(
      'div',
      { class: 'axis', 'aria-hidden': 'true' },
      element('span', {}, '1 h ago'),
      element('span', {}, 'now'),
    ),
  );
}

function frame(steps: number) {
  return { role: 'img', viewBox: `0 0 ${steps} ${height}`, preserveAspectRatio: 'none' } as const;
}

function line(course: Course, most: number): string {
  return runs(course)
    .map((run) => `M${points(run, most)}`)
    .join('');
}

function area(course: Course, most: number): string {
  return runs(course)
    .map((run) => {
      const [first, final] = [run[0]?.[0] ?? 0, (run.at(-1)?.[0] ?? 0) + 1];
      return `M${first} ${height}L${points(run, most)}L${final} ${height}Z`;
    })
    .join('');
}

/** Each value is level for the length of its step. */
function points(run: readonly (readonly [number, number])[], most: number): string {
  return run
    .map(([at, value]) => {
      const y = (height - (value / most) * (height - 4)).toFixed(1);
      return `${at} ${y}L${at + 1} ${y}`;
    })
    .join('L');
}

/** Stretches without a gap. */
function runs(course: Course): (readonly [at: number, value: number])[][] {
  const found: [number, number][][] = [];
  let open = false;
  for (const [at, value] of course.entries()) {
    if (value !== null && !open) found.push([]);
    if (value !== null) found.at(-1)?.push([at, value]);
    open = value !== null;
  }
  return found;
}

function known(course: Course): number[] {
  return course.filter((value) => value !== null);
}

function ending(course: Course, value: number): Course {
  return [...course.slice(0, -1), value];
}
