/** The servers of an open service: one row each, changed in place. */

import type { FallbackStatus, ServerStatus, VirtualStatus } from '../../http/shapes.js';
import { element, setText } from './dom.js';
import { fallbackUse, fallbackWords, reasonOf, serverWords, serviceId } from './judged.js';
import { statePlot } from './plot.js';
import { count, plural, span } from './words.js';

/** Rows that are there at once; the rest is shown on request. */
const portion = 100;

/** Titles and classes. */
const columns = [
  ['State', 'of-state'],
  ['Server', 'server-name'],
  ['Weight', 'number'],
  ['Active', 'number'],
  ['Inactive', 'number'],
  ['Conn/s', 'number'],
  ['Since', 'ago'],
  ['Last hour', 'of-strip'],
  ['Reason', 'reason'],
] as const;

interface Row {
  readonly line: HTMLTableRowElement;
  readonly update: (server: ServerStatus, now: number) => void;
  readonly showStates: (states: string) => void;
}

export class ServerRows {
  readonly node: HTMLElement;
  readonly #body = element('tbody', { role: 'rowgroup' });
  readonly #foot = element('tfoot', { role: 'rowgroup' });
  readonly #more = element('button', { type: 'button', class: 'rows-more' });
  readonly #rows = new Map<string, Row>();
  readonly #virtual: VirtualStatus;
  #servers: readonly ServerStatus[] = [];
  #fallbacks: readonly FallbackStatus[] = [];
  #now = 0;
  #limit = portion;
  #all = 0;

  /** `onMore` hears how many are wanted. */
  constructor(virtual: VirtualStatus, onMore: (limit: number) => void) {
    this.#virtual = virtual;
    const head = columns.map(([title, name]) => {
      return element('th', { role: 'columnheader', scope: 'col', class: name }, title);
    });
    const table = element(
      'table',
      { role: 'table' },
      element('caption', { class: 'hidden' }, `Servers of ${virtual.name}`),
      element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...head)),
      this.#body,
      this.#foot,
    );
    this.node = element('div', {}, table, this.#more);
    this.#more.addEventListener('click', () => {
      this.#limit += portion;
      this.update(this.#servers, this.#fallbacks, this.#now, this.#all);
      onMore(this.#limit);
    });
  }

  /** `all` is how many there are, these included. */
  update(
    servers: readonly ServerStatus[],
    fallbacks: readonly FallbackStatus[],
    now: number,
    all = servers.length,
  ): void {
    this.#all = all;
    this.#servers = servers;
    this.#fallbacks = fallbacks;
    this.#foot.replaceChildren(...fallbacks.map((one) => fallbackRow(one, now)));
    this.#now = now;
    const shown = firstOf(servers, this.#limit);
    const names = new Set(shown.map(({ name }) => name));
    for (const [name, { line }] of this.#rows) {
      if (names.has(name)) continue;
      line.remove();
      this.#rows.delete(name);
    }
    for (const [at, server] of shown.entries()) {
      const row = this.#rows.get(server.name) ?? this.#newRow(server);
      row.update(server, now);
      // Moving a row that stands right would take the focus out of it.
      if (this.#body.children[at] !== row.line) this.#body.insertBefore(row.line, this.#body.children[at] ?? null);
    }
    const rest = Math.max(all, servers.length) - shown.length;
    this.#more.hidden = rest <= 0;
    setText(this.#more, `Show ${plural(Math.min(portion, rest), 'more server', 'more servers')} of ${count(rest)}`);
  }

  showStates(states: Readonly<Record<string, string>>): void {
    for (const [name, { showStates }] of this.#rows) {
      const known = states[name];
      if (known !== undefined) showStates(known);
    }
  }

  #newRow(server: ServerStatus): Row {
    const row = newRow(this.#virtual, server.name);
    this.#rows.set(server.name, row);
    return row;
  }
}

/** Below the real servers; nothing in it can have the focus, so that it is made anew each time. */
function fallbackRow(fallback: FallbackStatus, now: number): HTMLTableRowElement {
  const { name, called, asked, since, reason } = fallback;
  const use = fallbackUse(fallback);
  const cells: readonly (readonly [label: string | null, className: string, text: string])[] = [
    ['Weight', 'number', weightText(fallback)],
    ['Active', 'number', fallback.connections === null ? '–' : count(fallback.connections.active)],
    ['Inactive', 'number', fallback.connections === null ? '–' : count(fallback.connections.inactive)],
    ['Conn/s', 'number', fallback.traffic === null ? '–' : count(fallback.traffic.rate.connections)],
    [asked ? 'Since' : null, 'ago', asked ? span(now - since) : ''],
    [null, 'of-strip', ''],
    [null, 'reason', asked ? `fallback: ${reason}` : 'fallback'],
  ];
  const address = element('span', { class: 'address' }, called === name ? '' : name);
  return element(
    'tr',
    { role: 'row', 'data-state': use },
    cellOf(null, 'of-state', element('span', { class: 'state', 'data-state': use }, fallbackWords[use])),
    cellOf(null, 'server-name', element('span', {}, called), address),
    ...cells.map(([label, className, text]) => cellOf(label, className, text)),
  );
}

function cellOf(
  label: string | null,
  className: string,
  ...contents: readonly (Node | string)[]
): HTMLTableCellElement {
  return element('td', { role: 'cell', class: className, ...(label !== null && { 'data-label': label }) }, ...contents);
}

/** Where not all are shown, those with something to say come first. */
function firstOf(servers: readonly ServerStatus[], limit: number): readonly ServerStatus[] {
  if (servers.length <= limit) return servers;
  const isCalm = (server: ServerStatus): number => (server.state === 'up' ? 1 : 0);
  return servers.toSorted((a, b) => isCalm(a) - isCalm(b)).slice(0, limit);
}

function newRow(virtual: VirtualStatus, name: string): Row {
  const state = element('span', { class: 'state' });
  const link = element('a', { href: `#server=${encodeURI(`${serviceId(virtual)}/${name}`)}` });
  const address = element('span', { class: 'address' });
  const [weight, active, inactive, rate, since] = [
    cellOf('Weight', 'number'),
    cellOf('Active', 'number'),
    cellOf('Inactive', 'number'),
    cellOf('Conn/s', 'number'),
    cellOf('Since', 'ago'),
  ];
  const strip = cellOf(null, 'of-strip');
  const reason = cellOf(null, 'reason');
  const line = element(
    'tr',
    { role: 'row' },
    cellOf(null, 'of-state', state),
    cellOf(null, 'server-name', link, address),
    weight,
    active,
    inactive,
    rate,
    since,
    strip,
    reason,
  );
  let before: string | null = null;
  let drawn = '';
  return {
    line,
    update(server, now) {
      const { state: is, called } = server;
      setText(link, called);
      setText(address, called === name ? '' : name);
      line.classList.toggle('changed', before !== null && (before !== is || line.classList.contains('changed')));
      before = is;
      state.dataset['state'] = is;
      line.dataset['state'] = is;
      setText(state, serverWords[is]);
      setText(weight, weightText(server));
      weight.classList.toggle('weight-off', server.weight !== server.configured);
      setText(active, server.connections === null ? '–' : count(server.connections.active));
      setText(inactive, server.connections === null ? '–' : count(server.connections.inactive));
      setText(rate, server.traffic === null ? '–' : count(server.traffic.rate.connections));
      setText(since, span(now - server.since));
      setText(reason, reasonOf(server, now));
    },
    showStates(states) {
      if (states === drawn) return;
      drawn = states;
      strip.replaceChildren(statePlot(states));
    },
  };
}

/** The weight in the table, and the configured one where that is another; `out` where it is not in the table. */
function weightText({ weight, configured }: Pick<ServerStatus, 'weight' | 'configured'>): string {
  if (weight === null) return 'out';
  return weight === configured ? count(weight) : `${count(weight)} of ${count(configured)}`;
}
