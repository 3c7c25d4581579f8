/** Answers as JSON, made in slices: of ten thousand servers they are some megabytes. */

import type { Work } from '../../slices.js';
import type { Recorded } from '../../status/chronicle.js';
import type { ServerStatus, Status, VirtualStatus } from '../../status/model.js';
import { Portions } from '../portions.js';
import { eventJson } from './event-shape.js';
import type { VirtualCourse } from './history.js';
import type {
  ActionName,
  EventsAnswer,
  ServerAnswer,
  StatusAnswer,
  VirtualHistoryAnswer,
  VirtualSummary,
} from './shapes.js';

export type Encoding = Work<readonly Buffer[]>;

/** A `StatusAnswer`. */
export function encodingStatus({ virtuals, ...rest }: Status, actions: readonly ActionName[]): Encoding {
  const head: Omit<StatusAnswer, 'virtuals'> = { ...rest, actions };
  return encoded(head, 'virtuals', virtuals, writingVirtual);
}

/** A `VirtualsAnswer`. */
export function encodingVirtuals({ virtuals }: Status): Encoding {
  return encoded({}, 'virtuals', virtuals, writing(summaryOf));
}

/** A `VirtualStatus`. */
export function* encodingVirtual(virtual: VirtualStatus): Encoding {
  const to = new Portions();
  yield* writingVirtual(to, virtual);
  return to.end();
}

/** A `ServerAnswer`. */
export function encodingPlaces(server: string, places: ServerAnswer['places']): Encoding {
  const head: Omit<ServerAnswer, 'places'> = { server };
  return encoded(
    head,
    'places',
    places,
    writing((place) => place),
  );
}

/** An `EventsAnswer`. */
export function encodingEvents(started: number, events: readonly Recorded[]): Encoding {
  const head: Omit<EventsAnswer, 'events'> = { started };
  return encoded(head, 'events', events, function* (to, event) {
    to.add(eventJson(event));
    yield;
  });
}

/** A `VirtualHistoryAnswer`. */
export function* encodingHistory({ states, ...course }: VirtualCourse): Encoding {
  const to = new Portions();
  const head: Omit<VirtualHistoryAnswer, 'states'> = course;
  to.add(`${opened(head)}"states":{`);
  let separator = '';
  for (const [server, letters] of states) {
    to.add(`${separator}${JSON.stringify(server)}:"${letters}"`);
    separator = ',';
    yield;
  }
  to.add('}}');
  return to.end();
}

type Writing<T> = (to: Portions, item: T) => Work<void>;

/** An object with one more property, a list whose items are written one at a time. */
function* encoded<T>(head: object, property: string, items: Iterable<T>, write: Writing<T>): Encoding {
  const to = new Portions();
  yield* writingList(to, head, property, items, write);
  return to.end();
}

function* writingList<T>(
  to: Portions,
  head: object,
  property: string,
  items: Iterable<T>,
  write: Writing<T>,
): Work<void> {
  to.add(`${opened(head)}"${property}":[`);
  let isFirst = true;
  for (const item of items) {
    if (!isFirst) to.add(',');
    isFirst = false;
    yield* write(to, item);
  }
  to.add(']}');
}

function writingVirtual(to: Portions, { servers, ...virtual }: VirtualStatus): Work<void> {
  return writingList(
    to,
    virtual,
    'servers',
    servers,
    writing((server: ServerStatus) => server),
  );
}

/** An item that is small enough to be encoded in one go. */
function writing<T>(shape: (item: T) => object): Writing<T> {
  return function* (to, item) {
    to.add(JSON.stringify(shape(item)));
    yield;
  };
}

/** An object up to where its next property begins. */
function opened(head: object): string {
  const text = JSON.stringify(head).slice(0, -1);
  return text === '{' ? text : `${text},`;
}

function summaryOf({ servers, ...virtual }: VirtualStatus): VirtualSummary {
  const up = servers.filter(({ inUse }) => inUse).length;
  return { ...virtual, servers: servers.length, up };
}
