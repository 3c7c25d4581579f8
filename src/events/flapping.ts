/** What is not told each time of a server of which it has been told that it flaps: for all who tell, in the same way. */

import type { Event } from '../events.js';
import { subjectKey } from '../model/subject.js';
import { isTurn } from './checking.js';

export class FlappingKnown {
  readonly #servers = new Set<string>();

  /** Takes note of an event. Returns the key of the server, where it is one change more of one that flaps; null otherwise. */
  note(event: Event): string | null {
    if (event.type === 'server-flapping') this.#servers.add(subjectKey(event));
    if (event.type === 'server-settled') this.#servers.delete(subjectKey(event));
    if (this.#servers.size === 0) return null;
    const key = changeOf(event);
    return key !== null && this.#servers.has(key) ? key : null;
  }
}

/** The key of the server that has changed; null where the event is about something else. */
function changeOf(event: Event): string | null {
  if (isTurn(event)) return subjectKey(event);
  switch (event.type) {
    case 'server-growing':
      return subjectKey(event);
    case 'server-held':
    case 'server-released':
      // What follows from its changes, and not what somebody asks for.
      return event.by === 'damping' ? subjectKey(event) : null;
    case 'table-changed':
      return event.change.object === 'virtual' ? null : subjectKey(event.change);
    default:
      return null;
  }
}
