/** What there is to see in the live listing, and what a key or an answer makes of it: values in, values out. */

import { withAddress } from '../model/names.js';
import { protocolId } from '../model/subject.js';
import type { Explanation, Status } from '../status/model.js';
import { chooseRows, hasRow, type Row, type SortKey, sorts } from './top-rows.js';

/** What the daemon is asked for on somebody's key. */
export interface Errand {
  readonly verb: 'drain' | 'undrain' | 'explain';
  /** The row that it is about. */
  readonly key: string;
  /** The server as the file calls it, and where that is. */
  readonly who: string;
  readonly server: string;
  /** Null is every virtual service that has it. */
  readonly virtual: string | null;
  /** Whether a virtual service may lose its last server by it. */
  readonly force: boolean;
}

export interface Question {
  readonly errand: Errand;
  /** What is to be known before somebody says yes; empty where there is nothing. */
  readonly because: string;
}

export interface View {
  /** Null before the first answer. */
  readonly status: Status | null;
  /** Why there is nothing newer; null where there is. */
  readonly trouble: string | null;
  readonly sort: SortKey;
  readonly isReversed: boolean;
  /** Shown are the servers in whose line this occurs, in whatever case. */
  readonly filter: string;
  /** Whether keys go to the filter. */
  readonly isTyping: boolean;
  readonly isPaused: boolean;
  readonly isHelp: boolean;
  /** Of the first server that is shown. */
  readonly offset: number;
  /** The chosen server, and where it was last: where it has gone, the one in its place is chosen. */
  readonly cursor: { readonly key: string | null; readonly index: number };
  /** What waits for a yes or a no. */
  readonly question: Question | null;
  /** What the daemon is to be asked; whoever asks takes it away. */
  readonly errand: Errand | null;
  /** What it is being asked. */
  readonly underWay: Errand | null;
  /** What came of it, until the next key. */
  readonly note: string | null;
  /** What was explained, until the next key. */
  readonly explained: { readonly what: readonly Explanation[]; readonly at: number } | null;
  readonly isOver: boolean;
}

const first = { key: null, index: 0 } as const;

export const newView: View = {
  status: null,
  trouble: null,
  sort: 'n',
  isReversed: false,
  filter: '',
  isTyping: false,
  isPaused: false,
  isHelp: false,
  offset: 0,
  cursor: first,
  question: null,
  errand: null,
  underWay: null,
  note: null,
  explained: null,
  isOver: false,
};

const longestFilter = 100;

/** A key as `keysOf` names it; `page` is for how many servers there is room. */
export function pressKeyOn(view: View, key: string, page: number): View {
  if (key === 'ctrl-c') return { ...view, isOver: true };
  if (view.isTyping) return typeKey(view, key);
  if (view.isHelp) return { ...view, isHelp: false };
  if (view.question !== null) return answer(view, view.question, key);
  if (view.explained !== null) return { ...view, explained: null };
  const seen = { ...view, note: null };
  const rows = chooseRows(view.status, view);
  const at = chosenIndex(view, rows);
  switch (key) {
    case 'q':
      return { ...seen, isOver: true };
    case 'r':
      return { ...seen, isReversed: !view.isReversed };
    case '/':
      return { ...seen, isTyping: true };
    case 'escape':
      return { ...seen, filter: '', offset: 0, cursor: first };
    case ' ':
      return { ...seen, isPaused: !view.isPaused };
    case '?':
      return { ...seen, isHelp: true };
    case 'd':
      return askAbout(seen, 'drain', rows[at]);
    case 'u':
      return askAbout(seen, 'undrain', rows[at]);
    case 'e':
    case 'enter':
      return explain(seen, rows[at]);
    case 'up':
    case 'k':
      return choose(seen, rows, at - 1, page);
    case 'down':
    case 'j':
      return choose(seen, rows, at + 1, page);
    case 'pageup':
      return choose(seen, rows, at - page, page);
    case 'pagedown':
      return choose(seen, rows, at + page, page);
    case 'home':
      return choose(seen, rows, 0, page);
    case 'end':
      return choose(seen, rows, rows.length - 1, page);
    default:
      return Object.hasOwn(sorts, key)
        ? { ...seen, sort: key as SortKey, isReversed: false, offset: 0, cursor: first }
        : seen;
  }
}

/** Where the chosen server is among the rows; 0 where there is none. */
export function chosenIndex({ cursor }: View, rows: readonly Row[]): number {
  const found = cursor.key === null ? -1 : rows.findIndex(({ key }) => key === cursor.key);
  return found >= 0 ? found : Math.max(0, Math.min(cursor.index, rows.length - 1));
}

/** The first of the rows that are shown, so that the chosen one is among them. */
export function offsetFor(offset: number, at: number, count: number, page: number): number {
  const near = Math.min(at, Math.max(offset, at - page + 1));
  return Math.max(0, Math.min(near, count - page));
}

function choose(view: View, rows: readonly Row[], wanted: number, page: number): View {
  const index = Math.max(0, Math.min(wanted, rows.length - 1));
  const offset = offsetFor(view.offset, index, rows.length, page);
  return { ...view, cursor: { key: rows[index]?.key ?? null, index }, offset };
}

function askAbout(view: View, verb: 'drain' | 'undrain', row: Row | undefined): View {
  if (row === undefined) return view;
  if (row.fallback !== null) return { ...view, note: `only real servers can be ${verb}ed, and this is a fallback` };
  if (view.underWay !== null) return { ...view, note: busyWith(view.underWay) };
  return { ...view, question: { errand: errandFor(verb, row, null), because: '' } };
}

function explain(view: View, row: Row | undefined): View {
  if (row === undefined) return view;
  if (view.underWay !== null) return { ...view, note: busyWith(view.underWay) };
  return { ...view, errand: errandFor('explain', row, `${protocolId(row.virtual)}/${row.virtual.name}`) };
}

function errandFor(verb: Errand['verb'], { key, server }: Row, virtual: string | null): Errand {
  return { verb, key, who: withAddress(server.called, server.name), server: server.name, virtual, force: false };
}

function busyWith({ verb, who }: Errand): string {
  return `one at a time: ${verb} ${who} has no answer yet`;
}

/** Whatever is not a yes is a no. */
function answer(view: View, { errand }: Question, key: string): View {
  const closed = { ...view, question: null };
  return key === 'y' ? { ...closed, errand } : { ...closed, note: `nothing was changed: ${errand.who}` };
}

function typeKey(view: View, key: string): View {
  if (key === 'enter') return { ...view, isTyping: false };
  if (key === 'escape') return { ...view, isTyping: false, filter: '', offset: 0, cursor: first };
  if (key === 'backspace') return { ...view, filter: view.filter.slice(0, -1), offset: 0, cursor: first };
  if ([...key].length !== 1 || view.filter.length >= longestFilter) return view;
  return { ...view, filter: view.filter + key, offset: 0, cursor: first };
}

/** What there is to see now. A question about a server that is gone is none any more. */
export function takeStatus(view: View, status: Status): View {
  const fresh = { ...view, status, trouble: null };
  const { question } = view;
  if (question === null || hasRow(status, question.errand.key)) return fresh;
  return { ...fresh, question: null, note: `${question.errand.who} is not in the configuration any more` };
}

/** What came of an errand: why it failed, what was explained, or what is to be said of it. */
export type Outcome =
  | { readonly failed: string; readonly isLastServer: boolean }
  | { readonly explained: readonly Explanation[]; readonly at: number }
  | { readonly notes: readonly string[] };

const pastOf = { drain: 'drained', undrain: 'undrained', explain: 'explained' } as const;

/** Whoever types goes on typing: no question comes between two keys, which could be taken for its answer. */
export function takeOutcome(view: View, errand: Errand, outcome: Outcome): View {
  const done = { ...view, underWay: null };
  if ('explained' in outcome) return { ...done, explained: { what: outcome.explained, at: outcome.at } };
  if ('notes' in outcome)
    return { ...done, note: [`${pastOf[errand.verb]}: ${errand.who}`, ...outcome.notes].join('; ') };
  if (outcome.isLastServer && !errand.force && !view.isTyping) {
    return { ...done, question: { errand: { ...errand, force: true }, because: outcome.failed } };
  }
  return { ...done, note: `not ${pastOf[errand.verb]}: ${errand.who}: ${outcome.failed}` };
}
