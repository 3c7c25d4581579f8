/** The status page: what the feed brings is shown, as far as the filter finds it. */

import type { EventAnswer, HistoryAnswer, StatusAnswer } from '../../http/shapes.js';
import { byId, inputById, setText } from './dom.js';
import { EventList } from './event-list.js';
import { Feed, type FeedState } from './feed.js';
import { type Filter, filtered, isPart } from './judged.js';
import { askForHistory, showOverview, showOverviewHistory } from './overview.js';
import { ServerDialog } from './server-dialog.js';
import { Services } from './services.js';
import { plural } from './words.js';

/** Milliseconds from one look at the last hour to the next: as often as it changes. */
const historyEvery = 10_000;

const connectionWords: Readonly<Record<FeedState, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  polling: 'Every few seconds',
  lost: 'Connection lost, trying again',
};

const filterInput = inputById('filter');
const problemsInput = inputById('problems');
const fold = byId('fold');

let status: StatusAnswer | null = null;
let history: HistoryAnswer | null = null;
let events: readonly EventAnswer[] = [];

/** Whether there is more of the director than is asked for at once: then it is searched there, and not here. */
let isLarge = false;
let wasFiltered = false;

const services = new Services(() => feed.soon());
const eventList = new EventList();
const feed = new Feed({
  question,
  onStatus(fresh) {
    const isFirst = status === null;
    status = fresh;
    if (!wasFiltered) isLarge = isPart(fresh);
    draw();
    if (isFirst) void showHistory();
  },
  onEvents(fresh) {
    events = fresh;
    drawEvents();
  },
  onConnection(connection) {
    const place = byId('connection');
    place.dataset['state'] = connection;
    setText(place, connectionWords[connection]);
  },
});
const dialog = new ServerDialog(() => feed.soon());

function filter(): Filter {
  return { text: filterInput.value.trim().toLowerCase(), problemsOnly: problemsInput.checked };
}

function question(): string {
  const { services: limit, servers } = services.wanted;
  const { text, problemsOnly } = filter();
  wasFiltered = isLarge && (text !== '' || problemsOnly);
  const query = new URLSearchParams({ limit: String(limit), servers: String(servers) });
  if (wasFiltered && text !== '') query.set('search', text);
  if (wasFiltered && problemsOnly) query.set('state', 'problem');
  return query.toString();
}

function draw(): void {
  if (status === null) return;
  const wanted = filter();
  const found = filtered(status, wanted);
  showOverview(status, history);
  if (history !== null) showOverviewHistory(status, history);
  const all = isLarge ? (status.page?.found.services ?? found.length) : found.length;
  services.update(found, status.at, all);
  dialog.update(status, events);
  setText(byId('found'), foundWords(wanted, all, status.counts.services));
  setText(fold, services.anyOpen ? 'Close all' : 'Open some');
}

function foundWords({ text, problemsOnly }: Filter, found: number, all: number): string {
  if (all === 0) return 'The configuration has no virtual service.';
  if (text === '' && !problemsOnly) return '';
  if (found === 0) return problemsOnly && text === '' ? 'No service has a problem.' : 'Nothing matches the filter.';
  return `${plural(found, 'service')} of ${all} found.`;
}

function drawEvents(): void {
  eventList.update(events, filter().text);
}

async function showHistory(): Promise<void> {
  if (document.hidden) return;
  const [fresh] = await Promise.all([askForHistory(), services.showHistories()]);
  history = fresh ?? history;
  if (status !== null && history !== null) showOverviewHistory(status, history);
}

for (const input of [filterInput, problemsInput]) {
  input.addEventListener('input', () => {
    draw();
    if (isLarge) feed.soon();
    drawEvents();
  });
}
fold.addEventListener('click', () => {
  services.fold();
  draw();
  void showHistory();
});
window.setInterval(() => void showHistory(), historyEvery);
feed.start();
