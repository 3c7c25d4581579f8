/** What happened: one typed union, one bus. The log, alerts, metrics and pages are readers of it. */

import { type CheckingEvent, checkingSentences } from './events/checking.js';
import { type DirectorsEvent, directorsSentences } from './events/directors.js';
import { type PathEvent, pathSentences } from './events/path.js';
import { type ProgramEvent, programSentences } from './events/program.js';
import { type ServingEvent, servingSentences } from './events/serving.js';
import { type TableEvent, tableSentences } from './events/table.js';

export type Event = ProgramEvent | CheckingEvent | ServingEvent | TableEvent | PathEvent | DirectorsEvent;

/** When each event happens, a sentence for the manual. */
export const eventSentences: Readonly<Record<Event['type'], string>> = {
  ...programSentences,
  ...checkingSentences,
  ...servingSentences,
  ...tableSentences,
  ...pathSentences,
  ...directorsSentences,
};

export type Listener = (event: Event) => void;
/** How everything that happens is told. */
export type Publish = Listener;

export class EventBus {
  readonly #listeners = new Set<Listener>();

  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  readonly publish: Publish = (event) => {
    for (const listener of this.#listeners) listener(event);
  };
}
