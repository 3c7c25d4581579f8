/** The status page: what the feed brings is shown, as far as the filter finds it. */

import type { EventAnswer, HistoryAnswer, StatusAnswer } from '../../http/shapes.js';
import { byId, inputById, setText } from './dom.js';
import { EventList } from './event-list.js';
import { Feed, type FeedState } from './feed.js';
import { type Filter, filtered } from './judged.js';
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

const services = new Services();
const eventList = new EventList();
const feed = new Feed({
  onStatus(fresh) {
    const isFirst = status === null;
    status = fresh;
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

function draw(): void {
  if (status === null) return;
  const wanted = filter();
  const found = filtered(status, wanted);
  showOverview(status);
  if (history !== null) showOverviewHistory(status, history);
  services.update(found, status.at);
  dialog.update(status, events);
  setText(byId('found'), foundWords(wanted, found.length, status.virtuals.length));
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
