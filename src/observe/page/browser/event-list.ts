/** What happened of late, the newest first. */

import type { EventAnswer } from '../../http/shapes.js';
import { byId, element } from './dom.js';
import { moment } from './words.js';

/** Events that are there at once; older ones are shown on request. */
const portion = 30;

const marks: Readonly<Record<EventAnswer['level'], readonly [sign: string, word: string]>> = {
  good: ['▲', 'good'],
  bad: ['▼', 'bad'],
  warning: ['!', 'warning'],
  info: ['·', 'information'],
  debug: ['·', 'detail'],
};

export function eventItem({ at, level, lines, named, type }: EventAnswer): HTMLLIElement {
  const [sign, word] = marks[level];
  const now = Date.now();
  const shown = named.length > 0 ? named : lines;
  return element(
    'li',
    {},
    element('time', { datetime: new Date(at).toISOString() }, moment(at, now)),
    element(
      'span',
      { class: 'mark', 'data-level': level },
      element('span', { 'aria-hidden': 'true' }, sign),
      element('span', { class: 'hidden' }, word),
    ),
    element('p', {}, shown.length > 0 ? shown.join('\n') : type),
  );
}

export class EventList {
  readonly #more = byId('more-events');
  #limit = portion;
  #found: readonly EventAnswer[] = [];

  constructor() {
    this.#more.addEventListener('click', () => {
      this.#limit += portion;
      this.#draw();
    });
  }

  /** Shows those that the filter finds; `text` in lower case. */
  update(events: readonly EventAnswer[], text: string): void {
    this.#found = events.filter(({ lines, named }) => {
      return text === '' || [...lines, ...named].some((line) => line.toLowerCase().includes(text));
    });
    this.#draw();
  }

  #draw(): void {
    const items = this.#found.slice(-this.#limit).reverse().map(eventItem);
    byId('events').replaceChildren(...items);
    byId('events').hidden = items.length === 0;
    byId('no-events').hidden = items.length > 0;
    this.#more.hidden = items.length === this.#found.length;
  }
}
