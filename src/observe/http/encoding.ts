/** What is in answers as JSON, written in slices: of ten thousand servers it is some megabytes. */

import type { Work } from '../../slices.js';
import type { Recorded } from '../../status/chronicle.js';
import type { ServerStatus, VirtualStatus } from '../../status/model.js';
import { Portions } from '../portions.js';
import { eventJson } from './event-shape.js';
import { openingOf, type Writing } from './flow.js';
import type { VirtualCourse } from './history.js';
import type { EventsAnswer, ServerAnswer, VirtualHistoryAnswer, VirtualSummary } from './shapes.js';

export type Encoding = Work<readonly Buffer[]>;

/** A `VirtualStatus`. */
export function* encodeVirtual(virtual: VirtualStatus): Encoding {
  const to = new Portions();
  yield* writeVirtual(to, virtual);
  return to.end();
}

/** A `ServerAnswer`. */
export function encodePlaces(server: string, places: ServerAnswer['places']): Encoding {
  const head: Omit<ServerAnswer, 'places'> = { server };
  return encodeList(head, 'places', places, writePlace);
}

/** An `EventsAnswer`. */
export function encodeEvents(series: number, events: readonly Recorded[]): Encoding {
  const head: Omit<EventsAnswer, 'events'> = { series };
  return encodeList(head, 'events', events, function* (to, event) {
    to.add(eventJson(event));
    yield;
  });
}

/** A `VirtualHistoryAnswer`. */
export function* encodeHistory({ states, ...course }: VirtualCourse): Encoding {
  const to = new Portions();
  const head: Omit<VirtualHistoryAnswer, 'states'> = course;
  to.add(`${openingOf(head)}"states":{`);
  let separator = '';
  for (const [server, letters] of states) {
    to.add(`${separator}${JSON.stringify(server)}:"${letters}"`);
    separator = ',';
    yield;
  }
  to.add('}}');
  return to.end();
}

/** An object with one more property, a list whose items are written one at a time. */
function* encodeList<T>(head: object, property: string, items: Iterable<T>, write: Writing<T>): Encoding {
  const to = new Portions();
  yield* writeList(to, head, property, items, write);
  return to.end();
}

function* writeList<T>(
  to: Portions,
  head: object,
  property: string,
  items: Iterable<T>,
  write: Writing<T>,
): Work<void> {
  to.add(`${openingOf(head)}"${property}":[`);
  let isFirst = true;
  for (const item of items) {
    if (!isFirst) to.add(',');
    isFirst = false;
    yield* write(to, item);
  }
  to.add(']}');
}

export function writeVirtual(to: Portions, { servers, ...virtual }: VirtualStatus): Work<void> {
  return writeList(
    to,
    virtual,
    'servers',
    servers,
    writerOf((server: ServerStatus) => server),
  );
}

export const writeSummary = writerOf(summaryOf);
export const writePlace = writerOf((place: ServerAnswer['places'][number]) => place);

/** An item that is small enough to be encoded in one go. */
function writerOf<T>(shape: (item: T) => object): Writing<T> {
  return function* (to, item) {
    to.add(JSON.stringify(shape(item)));
    yield;
  };
}

function summaryOf({ servers, ...virtual }: VirtualStatus): VirtualSummary {
  const up = servers.filter(({ inUse }) => inUse).length;
  return { ...virtual, servers: servers.length, up };
}
