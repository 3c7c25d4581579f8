/** The director at a glance. */

import type { Counts, Course, HistoryAnswer, StatusAnswer, VirtualStatus } from '../../http/shapes.js';
import { byId, element, setText } from './dom.js';
import { ask } from './feed.js';
import { activeOf, isPart, upCount } from './judged.js';
import { connectionPlot, healthPlot } from './plot.js';
import { count, moment, originText, span } from './words.js';

interface Figure {
  readonly name: string;
  readonly value: string;
  readonly more: string;
  readonly isBad: boolean;
}

/** `history` says what of all services together, where not all are told of. */
export function showOverview(status: StatusAnswer, history: HistoryAnswer | null): void {
  setText(
    byId('director'),
    [
      status.file,
      ...roleOf(status),
      status.version,
      `${status.backend} backend`,
      `up ${span(status.at - status.started)}`,
    ].join(' · '),
  );
  setText(byId('taken'), `As of ${moment(status.at, Date.now())}`);
  const notice = byId('notice');
  const { rejected, handover, store, at } = status;
  const notices = [
    ...(handover === null ? [] : [`Clients are sent to other directors${originText(handover, at)}`]),
    ...(rejected === null ? [] : [`The newest version of the file does not rule: ${rejected}`]),
    ...(store?.fault ? [`The store is away: ${store.fault}`] : []),
    ...(store?.writeFault ? [`The store takes no writes: ${store.writeFault}`] : []),
  ];
  notice.hidden = notices.length === 0;
  setText(notice, notices.join(' · '));
  const place = byId('figures');
  for (const [at, figure] of figuresOf(status, history).entries()) {
    const standing = place.children[at] ?? place.appendChild(newFigure(figure.name));
    const value = standing.querySelector('dd');
    const [main, more] = [value?.firstElementChild, value?.lastElementChild];
    if (!value || !main || !more) continue;
    setText(main, figure.value);
    setText(more, figure.more);
    value.dataset['tone'] = figure.isBad ? 'bad' : '';
  }
}

/** Where somebody elects. */
function roleOf({ role: { by, word, fault } }: StatusAnswer): string[] {
  if (by === 'always') return [];
  return [word === 'unknown' ? `role not known${fault === null ? '' : `: ${fault}`}` : word];
}

/** The last hour of everything; null where it cannot be had. */
export function askForHistory(): Promise<HistoryAnswer | null> {
  return ask<HistoryAnswer>('/api/v1/history').catch(() => null);
}

/** What the last step knows; null where it is not known. */
function latest(course: Course | undefined): number | null {
  return course?.findLast((value) => value !== null) ?? null;
}

export function showOverviewHistory(status: StatusAnswer, history: HistoryAnswer): void {
  const { virtuals } = status;
  if (isPart(status)) {
    const { up, servers, active } = history;
    const now = { up: latest(up) ?? 0, servers: latest(servers) ?? 0, active: latest(active) ?? 0 };
    byId('overview-plots').replaceChildren(healthPlot(history, now), connectionPlot(history, now));
    return;
  }
  const sum = (measure: (virtual: VirtualStatus) => number): number => {
    return virtuals.reduce((total, virtual) => total + measure(virtual), 0);
  };
  const now = { up: sum(upCount), servers: sum(({ servers }) => servers.length), active: sum(activeOf) };
  byId('overview-plots').replaceChildren(healthPlot(history, now), connectionPlot(history, now));
}

function newFigure(name: string): HTMLElement {
  return element('div', {}, element('dt', {}, name), element('dd', {}, element('span'), element('small')));
}

/** Those that are neither up nor down, in the words and the order of the listing. */
function othersIn(counts: Counts): string {
  const states = ['drained', 'held', 'kept', 'unused'] as const;
  const found = states.filter((state) => counts[state] > 0).map((state) => `${count(counts[state])} ${state}`);
  return found.length === 0 ? '' : `and ${found.join(', ')}`;
}

function figuresOf(status: StatusAnswer, history: HistoryAnswer | null): Figure[] {
  const { virtuals, checks, counts, shared } = status;
  const { services, inUse, servers, up, down } = counts;
  const part = isPart(status);
  const active = part ? latest(history?.active) : virtuals.reduce((sum, virtual) => sum + activeOf(virtual), 0);
  const rate = part
    ? latest(history?.rate)
    : virtuals.reduce((sum, { traffic }) => sum + (traffic?.rate.connections ?? 0), 0);
  const known = (value: number | null): string => (value === null ? '–' : count(value));
  return [
    {
      name: 'Services in use',
      value: count(inUse),
      more: `of ${count(services)}`,
      isBad: inUse < services,
    },
    { name: 'Servers up', value: count(up), more: `of ${count(servers)}`, isBad: false },
    { name: 'Down', value: count(down), more: othersIn(counts), isBad: down > 0 },
    { name: 'Active connections', value: known(active), more: `${known(rate)} new/s`, isBad: false },
    {
      name: 'Checks a second',
      value: count(checks?.started ?? 0),
      more: `${count(checks?.failed ?? 0)} failed`,
      isBad: false,
    },
    { name: 'Checks late by', value: `${count(checks?.lateness.p99 ?? 0)} ms`, more: 'for 1 in 100', isBad: false },
    // The last one: without a store it is not there.
    ...(shared === null ? [] : [directorsFigure(shared)]),
  ];
}

/** Who is there of those that share a store, and what is amiss between them. */
function directorsFigure({ directors, alone, contested }: NonNullable<StatusAnswer['shared']>): Figure {
  const ready = directors.filter(({ there }) => there?.ready).length;
  const differing = directors.filter(({ differences }) => differences.length > 0).length;
  const amiss = [
    ...(alone ? ['this one alone sees its servers down'] : []),
    ...contested.map(({ address, others }) => `${address} is on ${others.join(', ')}, too`),
    ...(differing > 0 ? [`${count(differing)} differ`] : []),
  ];
  return {
    name: 'Directors ready',
    value: count(ready),
    more: [`of ${count(directors.length)}`, ...amiss].join('; '),
    isBad: ready < directors.length || amiss.length > 0,
  };
}
