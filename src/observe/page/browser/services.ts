/** The virtual services: a line each, and what is in it where it is open. Only what is open and shown is there. */

import type { VirtualHistoryAnswer, VirtualStatus } from '../../http/shapes.js';
import { byId, element, setText } from './dom.js';
import { ask } from './feed.js';
import {
  activeOf,
  announcedWords,
  type FoundService,
  serverCount,
  serviceId,
  serviceState,
  serviceWords,
  upCount,
} from './judged.js';
import { connectionPlot, healthPlot } from './plot.js';
import { ServerRows } from './server-rows.js';
import { count, plural } from './words.js';

/** Services that are there at once; the rest is shown on request. */
const portion = 100;
/** Services that are open without anybody having opened them. */
const openAtFirst = 8;
/** Open services whose history is fetched at a time. */
const historiesAtOnce = 12;

export class Services {
  readonly #place = byId('services');
  readonly #more = byId('more-services');
  readonly #shown = new Map<string, Service>();
  /** What a person has opened or closed. */
  readonly #chosen = new Map<string, boolean>();
  #found: readonly FoundService[] = [];
  #openByDefault: ReadonlySet<string> | null = null;
  #now = 0;
  #limit = portion;
  #serverLimit = portion;
  #all = 0;
  readonly #onMore: () => void;

  /** `onMore` is called where more is wanted than may be there. */
  constructor(onMore: () => void) {
    this.#onMore = onMore;
    this.#more.addEventListener('click', () => {
      this.#limit += portion;
      this.update(this.#found, this.#now, this.#all);
      onMore();
    });
  }

  /** How many services, and servers of each, are wanted at most. */
  get wanted(): { readonly services: number; readonly servers: number } {
    return { services: this.#limit, servers: this.#serverLimit };
  }

  /** `all` is how many there are, these included. */
  update(found: readonly FoundService[], now: number, all: number): void {
    this.#found = found;
    this.#now = now;
    this.#all = all;
    this.#openByDefault ??= openFirst(found.map(({ virtual }) => virtual));
    const shown = found.slice(0, this.#limit);
    const ids = new Set(shown.map(({ virtual }) => serviceId(virtual)));
    for (const [id, service] of this.#shown) {
      if (ids.has(id)) continue;
      service.node.remove();
      this.#shown.delete(id);
    }
    for (const [at, found] of shown.entries()) {
      const { virtual } = found;
      const id = serviceId(virtual);
      const service = this.#shown.get(id) ?? this.#newService(id, virtual);
      service.update(found, now, this.#isOpen(id));
      const standing = this.#place.children[at];
      if (standing !== service.node) this.#place.insertBefore(service.node, standing ?? null);
    }
    const rest = Math.max(all, found.length) - shown.length;
    this.#more.hidden = rest <= 0;
    setText(this.#more, `Show ${plural(Math.min(portion, rest), 'more service')} of ${count(rest)}`);
  }

  /** Closes all, or opens the ones that are shown first. Returns whether some are open now. */
  fold(): boolean {
    const open = this.anyOpen;
    for (const [at, { virtual }] of this.#found.entries()) {
      this.#chosen.set(serviceId(virtual), !open && at < openAtFirst);
    }
    this.update(this.#found, this.#now, this.#all);
    return !open;
  }

  get anyOpen(): boolean {
    return this.#found.slice(0, this.#limit).some(({ virtual }) => this.#isOpen(serviceId(virtual)));
  }

  /** Fetches the last hour of the open ones, a few at a time. */
  async showHistories(): Promise<void> {
    const open = [...this.#shown].filter(([id]) => this.#isOpen(id)).slice(0, historiesAtOnce);
    await Promise.all(open.map(([id, service]) => showHistory(id, service)));
  }

  #isOpen(id: string): boolean {
    return this.#chosen.get(id) ?? this.#openByDefault?.has(id) ?? false;
  }

  #newService(id: string, virtual: VirtualStatus): Service {
    const toggle = (): void => {
      this.#chosen.set(id, !this.#isOpen(id));
      this.update(this.#found, this.#now, this.#all);
      if (this.#isOpen(id)) void showHistory(id, service);
    };
    const service = new Service(virtual, toggle, (limit) => {
      this.#serverLimit = Math.max(this.#serverLimit, limit);
      this.#onMore();
    });
    this.#shown.set(id, service);
    return service;
  }
}

/** All where there are few; otherwise those with problems, as far as a person can take them in. */
function openFirst(virtuals: readonly VirtualStatus[]): ReadonlySet<string> {
  const few = virtuals.length <= openAtFirst;
  const chosen = virtuals.filter((virtual) => few || serviceState(virtual) !== 'up').slice(0, openAtFirst);
  return new Set(chosen.map(serviceId));
}

async function showHistory(id: string, service: Service): Promise<void> {
  const path = `/api/v1/virtuals/${id.split('/').map(encodeURIComponent).join('/')}/history`;
  const history = await ask<VirtualHistoryAnswer>(path).catch(() => null);
  if (history !== null) service.showHistory(history);
}

class Service {
  readonly node: HTMLElement;
  readonly #button: HTMLButtonElement;
  #virtual: VirtualStatus;
  #history: VirtualHistoryAnswer | null = null;
  readonly #onMore: (limit: number) => void;
  readonly #parts = {
    state: element('span', { class: 'state' }),
    title: element('span'),
    up: element('span', { class: 'count' }),
    active: element('span', { class: 'count wide' }),
    rate: element('span', { class: 'count wide' }),
  };
  #inside: { readonly place: HTMLElement; readonly plots: HTMLElement; readonly rows: ServerRows } | null = null;

  constructor(virtual: VirtualStatus, toggle: () => void, onMore: (limit: number) => void) {
    this.#virtual = virtual;
    this.#onMore = onMore;
    const { state, title, up, active, rate } = this.#parts;
    const name = virtual.protocol === 'fwm' ? `Firewall mark ${virtual.name}` : virtual.called;
    const who = element('span', { class: 'who' }, element('b', {}, name), title);
    const turn = element('span', { class: 'turn', 'aria-hidden': 'true' });
    this.#button = element('button', { type: 'button' }, turn, state, who, up, active, rate);
    this.#button.addEventListener('click', toggle);
    this.node = element('article', { class: 'service' }, element('h3', {}, this.#button));
  }

  update({ virtual, servers, fallbacks }: FoundService, now: number, isOpen: boolean): void {
    this.#virtual = virtual;
    const { state, title, up, active, rate } = this.#parts;
    const is = serviceState(virtual);
    this.node.dataset['tone'] = is === 'down' ? 'bad' : '';
    state.dataset['state'] = is;
    setText(state, serviceWords(virtual));
    const address = virtual.called === virtual.name ? [] : [virtual.name];
    const names = virtual.protocol === 'fwm' ? [] : [virtual.protocol, ...address];
    const passive = virtual.active ? [] : [virtual.leftOut ? 'passive: left out of the table' : 'passive'];
    const called = virtual.title === null ? [] : [virtual.title];
    setText(title, [...names, virtual.scheduler, ...announcedWords(virtual), ...called, ...passive].join(' · '));
    setText(up, `${count(upCount(virtual))}/${count(serverCount(virtual))} up`);
    setText(active, `${count(activeOf(virtual))} active`);
    setText(rate, virtual.traffic === null ? '' : `${count(virtual.traffic.rate.connections)} conn/s`);
    this.#button.setAttribute('aria-expanded', String(isOpen));
    if (!isOpen) {
      this.#inside?.place.remove();
      this.#inside = null;
      return;
    }
    this.#inside ??= this.#open();
    this.#inside.rows.update(servers, fallbacks, now, virtual.whole?.found);
    this.#drawPlots();
  }

  showHistory(history: VirtualHistoryAnswer): void {
    this.#history = history;
    this.#inside?.rows.showStates(history.states);
    this.#drawPlots();
  }

  #drawPlots(): void {
    if (this.#inside === null || this.#history === null) return;
    const now = { up: upCount(this.#virtual), servers: serverCount(this.#virtual), active: activeOf(this.#virtual) };
    this.#inside.plots.replaceChildren(healthPlot(this.#history, now), connectionPlot(this.#history, now));
  }

  #open() {
    const plots = element('div', { class: 'plots' });
    const rows = new ServerRows(this.#virtual, this.#onMore);
    const place = element('div', { class: 'inside' }, plots, rows.node);
    this.node.append(place);
    return { place, plots, rows };
  }
}
