/** Events as the API tells them: in the words of the log. */

import type { Event } from '../../events.js';
import type { Recorded } from '../../status/chronicle.js';
import { inFileNames } from '../file-names.js';
import { type Level, messagesOf } from '../messages.js';
import type { EventAnswer } from './shapes.js';

const fromWorst: readonly Level[] = ['bad', 'warning', 'good', 'info', 'debug'];
/** For as long as the event is remembered: it does not change, and many ask. */
const encoded = new WeakMap<Recorded, string>();

/** An `EventAnswer` as JSON. */
export function eventJson(recorded: Recorded): string {
  const known = encoded.get(recorded);
  if (known !== undefined) return known;
  const text = JSON.stringify(eventAnswer(recorded));
  encoded.set(recorded, text);
  return text;
}

function eventAnswer({ number, at, event }: Recorded): EventAnswer {
  const messages = messagesOf(event);
  const level = fromWorst.find((candidate) => messages.some((message) => message.level === candidate)) ?? 'info';
  const lines = messages.map(({ text }) => text.trim());
  const named = inFileNames(event);
  const names = named === event ? [] : messagesOf(named).map(({ text }) => text.trim());
  return { number, at, type: event.type, level, lines, subject: subjectOf(event), named: names };
}

/** The server and its virtual, where it is about one. */
export function subjectOf(event: Event): EventAnswer['subject'] {
  const about = event.type === 'table-changed' ? event.change : event;
  if (!('virtual' in about)) return null;
  const server = 'server' in about ? about.server : null;
  const { family, protocol, virtual, inFile } = about;
  const names = { virtual: inFile?.virtual ?? virtual, server: inFile?.server ?? server };
  return { family, protocol, virtual, server, called: names };
}
