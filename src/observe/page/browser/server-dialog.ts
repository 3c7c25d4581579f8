/** One server explained: what it is, why, and what was last seen of it; `#server=tcp/192.0.2.1:80/10.0.0.1:80`. */

import type {
  AgentStatus,
  EventAnswer,
  EventsAnswer,
  ServerStatus,
  StatusAnswer,
  VirtualStatus,
} from '../../http/shapes.js';
import { byId, dialogById, element, setText } from './dom.js';
import { eventItem } from './event-list.js';
import { ask } from './feed.js';
import { beyondChecksText, heldText, isPart, serviceId } from './judged.js';
import { ServerActions } from './server-actions.js';
import { bytes, count, moment, originText, plural, span } from './words.js';

/** Events about the server that are shown. */
const mostEvents = 12;
/** Those that are asked for: a server may stand in many services. */
const mostAsked = 200;
/** Milliseconds from one question for a service to the next. */
const serviceEvery = 2_000;
const mark = '#server=';

export class ServerDialog {
  readonly #dialog = dialogById('server');
  readonly #body = byId('server-body');
  readonly #text = element('div');
  readonly #actions: ServerActions;
  #status: StatusAnswer | null = null;
  /** The service of a server that the status does not have, and when it may be asked for anew. */
  #asked: readonly VirtualStatus[] = [];
  #askAgain = 0;
  /** What happened to the server, in whichever service; null before the first answer. */
  #events: readonly EventAnswer[] | null = null;
  /** The number of the newest event of all: now, and when those were asked for that are shown. */
  #newest = 0;
  #shown = 0;
  /** The same at the last answer: one is given to all who ask within a moment, and may be that much older. */
  #answered = 0;
  /** The last question for them, as long as it has no answer; one before it has been overtaken, and knows less. */
  #asking: symbol | null = null;

  constructor(onAction: () => void) {
    this.#actions = new ServerActions(onAction);
    this.#body.append(this.#text, this.#actions.node);
    byId('server-close').addEventListener('click', () => this.#dialog.close());
    this.#dialog.addEventListener('close', () => {
      if (location.hash.startsWith(mark)) history.replaceState(null, '', location.pathname);
    });
    window.addEventListener('hashchange', () => this.#follow());
  }

  update(status: StatusAnswer, events: readonly EventAnswer[]): void {
    const isFirst = this.#status === null;
    this.#status = status;
    this.#newest = events.at(-1)?.number ?? 0;
    if (isFirst) this.#follow();
    else if (this.#dialog.open) {
      this.#draw();
      // Also where the answer to the last question never came.
      if (this.#newest !== this.#shown && this.#asking === null) void this.#askEvents();
    }
  }

  #follow(): void {
    if (!location.hash.startsWith(mark) || this.#status === null) return;
    this.#actions.clear();
    this.#events = null;
    this.#askAgain = 0;
    this.#answered = 0;
    this.#draw();
    if (!this.#dialog.open) this.#dialog.showModal();
    void this.#askEvents();
  }

  /** The page has the newest events of all servers alone. */
  async #askEvents(): Promise<void> {
    const { hash } = location;
    const found =
      this.#status === null
        ? null
        : (findServer(this.#status.virtuals, wantedIn(hash)) ?? findServer(this.#asked, wantedIn(hash)));
    if (found === null) return;
    const path = `/api/v1/servers/${encodeURIComponent(found.server.name)}/events?limit=${mostAsked}`;
    const newest = this.#newest;
    const question = Symbol();
    this.#asking = question;
    const answer = await ask<EventsAnswer>(path).catch(() => null);
    if (this.#asking !== question) return;
    this.#asking = null;
    if (answer === null || location.hash !== hash) return;
    // What two answers in a row cannot have missed is shown.
    this.#shown = this.#answered;
    this.#answered = newest;
    this.#events = answer.events;
    this.#draw();
  }

  /** Of a large director the status has not every service. */
  async #askService(wanted: string): Promise<void> {
    const [protocol = '', virtual = ''] = wanted.split('/');
    const now = performance.now();
    if (this.#status === null || findServer(this.#status.virtuals, wanted) !== null || now < this.#askAgain) return;
    this.#askAgain = now + serviceEvery;
    const path = `/api/v1/virtuals/${encodeURIComponent(protocol)}/${encodeURIComponent(virtual)}`;
    const answer = await ask<VirtualStatus>(path).catch(() => null);
    this.#asked = answer === null ? [] : [answer];
    if (wanted === wantedIn(location.hash)) this.#draw();
  }

  #draw(): void {
    const wanted = wantedIn(location.hash);
    const status = this.#status;
    if (status === null) return;
    const found = findServer(status.virtuals, wanted) ?? findServer(this.#asked, wanted);
    if (isPart(status)) void this.#askService(wanted);
    setText(byId('server-title'), found?.server.called ?? (wanted.split('/').slice(2).join('/') || wanted));
    if (found === null) {
      this.#text.replaceChildren(element('p', {}, `No virtual service has this server any more: ${wanted}`));
      this.#actions.clear();
      return;
    }
    const { virtual, server } = found;
    this.#text.replaceChildren(
      element('p', { class: 'lead' }, sentence(virtual, server, status.at)),
      facts(virtual, server, status),
      element('h3', {}, 'Its recent events'),
      eventsOf(virtual, server, this.#events),
    );
    this.#actions.offer(status.actions, server.name);
  }
}

function eventsOf(virtual: VirtualStatus, server: ServerStatus, events: readonly EventAnswer[] | null): HTMLElement {
  if (events === null) return element('p', { class: 'muted' }, 'Asking …');
  const about = events.filter(({ subject }) => {
    if (subject === null || subject.server !== server.name || subject.virtual !== virtual.name) return false;
    return subject.family === virtual.family && subject.protocol === virtual.protocol;
  });
  if (about.length === 0) return element('p', { class: 'muted' }, 'None among the last thousand of all.');
  return element('ol', { class: 'events' }, ...about.slice(-mostEvents).reverse().map(eventItem));
}

function findServer(virtuals: readonly VirtualStatus[], wanted: string) {
  for (const virtual of virtuals) {
    const id = `${serviceId(virtual)}/`;
    const server = wanted.startsWith(id) ? virtual.servers.find(({ name }) => id + name === wanted) : undefined;
    if (server !== undefined) return { virtual, server };
  }
  return null;
}

function sentence({ called: name }: VirtualStatus, server: ServerStatus, now: number): string {
  const timeOf = (since: number): string => `for ${span(now - since)}, since ${moment(since, now)}`;
  const since = timeOf(server.since);
  const checks = server.decided
    ? ` Its checks call it ${server.up ? 'up' : 'down'} ${timeOf(server.healthSince)}.`
    : ' No check has decided about it yet.';
  const last = server.reason === '' ? '' : ` The last check that said something new: ${server.reason}.`;
  const old = server.stale === null ? '' : ` It is ${server.stale}.`;
  const hindered = server.hindered === null ? '' : ` Its check has no verdict now: ${server.hindered}.`;
  const said = `${old}${hindered}${last}`;
  switch (server.state) {
    case 'up':
      return `In ${name} it is up ${since}.${said}`;
    case 'down':
      return `In ${name} it is down ${since}.${said}`;
    case 'held':
    case 'drained':
      return `In ${name} it is held out of use: ${[...(server.held === null ? [] : [heldSentence(server, now)]), since].join(', ')}.${checks}${said}`;
    case 'kept':
    case 'unused':
      return `In ${name} it is ${beyondChecksText(server)} ${since}.${checks}${said}`;
    default:
      return `In ${name} no check has decided about it yet.${said}`;
  }
}

function heldSentence(server: ServerStatus, now: number): string {
  const { heldUntil } = server;
  return `${heldText(server, now)}${heldUntil === null ? '' : ` until ${moment(heldUntil, now)}`}`;
}

function facts(virtual: VirtualStatus, server: ServerStatus, { file, at }: StatusAnswer): HTMLElement {
  const { connections, traffic } = server;
  const rows: readonly (readonly [name: string, told: string])[] = [
    ...(server.called === server.name ? [] : [['Address', server.name] as const]),
    ['Weight', weightSentence(server, at)],
    ['Last check', server.checked === null ? 'none' : `${span(Math.max(0, at - server.checked))} ago`],
    ['Failures in a row', count(server.failures)],
    ...(server.successes === 0 ? [] : [['Successes in a row', count(server.successes)] as const]),
    ...(server.agent === null ? [] : [['Agent', agentSentence(server.agent, at)] as const]),
    ['Forwarding', server.forward],
    [
      'Connections',
      connections === null
        ? 'not in the table'
        : `${count(connections.active)} active, ${count(connections.inactive)} inactive${
            connections.persistent === null ? '' : `, ${count(connections.persistent)} held by persistence`
          }`,
    ],
    [
      'Traffic',
      traffic === null
        ? 'not counted'
        : `${plural(traffic.total.connections, 'connection')}, ${bytes(traffic.total.inBytes)} in, ${bytes(traffic.total.outBytes)} out; now ${bytes(traffic.rate.inBytes)}/s in, ${bytes(traffic.rate.outBytes)}/s out`,
    ],
    ['Virtual service', `${serviceId(virtual)}, line ${virtual.line} of ${file}`],
    ['Configured in', `line ${server.line} of ${file}`],
  ];
  const items = rows.flatMap(([name, told]) => [element('dt', {}, name), element('dd', {}, told)]);
  return element('dl', { class: 'facts' }, ...items);
}

function weightSentence({ weight, wanted, configured, weighed, override }: ServerStatus, now: number): string {
  const told = (value: number | null): string => (value === null ? 'not in the table' : count(value));
  const ought = wanted === weight ? 'as it ought to be' : `ought to be ${told(wanted)}`;
  const factors = [
    weighed?.from === 'hand' ? `${count(weighed.base)} by hand` : null,
    weighed?.from === 'agent' ? `${count(weighed.base)} by its agent` : null,
    weighed && weighed.share !== 100 ? `${weighed.share} % by its agent` : null,
    weighed?.grown
      ? `${weighed.grown.percent} % after ${weighed.grown.seconds} of ${weighed.grown.over} s of slow start`
      : null,
  ].filter((factor) => factor !== null);
  const made = factors.length === 0 ? '' : `, made of ${factors.join(' × ')}`;
  const byHand = override === null ? '' : `; set to ${count(override.weight)} by hand${originText(override, now)}`;
  return `${told(weight)}, ${ought}; configured ${count(configured)}${made}${byHand}`;
}

function agentSentence({ name, said, word, silence, until }: AgentStatus, now: number): string {
  const all = said === word || said === null ? '' : `, in all “${word}”`;
  if (silence === null) return said === null ? `${name} has not answered yet` : `${name} says “${said}”${all}`;
  const counts = until !== null && until <= now ? 'counts no more' : 'stays';
  return `${name} does not answer: ${silence}${said === null ? '' : `; “${said}”${all} ${counts}`}`;
}

/** What a link leads to. */
function wantedIn(hash: string): string {
  const text = hash.slice(mark.length);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
