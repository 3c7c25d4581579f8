/** Events as lines of the log. Scripts match these lines: their wording is an interface. */

import type { Event } from '../events.js';
import { printable } from '../terminal/printable.js';
import { checkingMessages } from './messages/checking.js';
import { directorsMessages } from './messages/directors.js';
import type { Message, MessageRows } from './messages/message.js';
import { pathMessages } from './messages/path.js';
import { programMessages } from './messages/program.js';
import { servingMessages } from './messages/serving.js';
import { tableMessages } from './messages/table.js';

export type { Level, Message } from './messages/message.js';

const rows: MessageRows<Event> = {
  ...programMessages,
  ...checkingMessages,
  ...servingMessages,
  ...tableMessages,
  ...pathMessages,
  ...directorsMessages,
};

/** The lines that tell an event; the reason of a change comes on a line before it. */
export function messagesOf(event: Event): Message[] {
  return rows[event.type](event as never).map(({ level, text }) => ({ level, text: printable(text) }));
}
