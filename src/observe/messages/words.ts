/** Words that lines of several subjects share. */

import { localTimeText } from '../../model/local-time.js';
import type { Subject } from '../../model/subject.js';

export function firstOf([first = '', ...others]: readonly string[]): string {
  return others.length > 0 ? `${first} and ${others.length} more` : first;
}

export function endingOf({ until }: { readonly until: number | null }): string {
  return until === null ? '' : `, until ${localTimeText(until)}`;
}

export function checkText(event: Subject): string {
  return `${event.role === undefined ? '' : 'fallback server '}${placeText(event)}`;
}

export function placeText({ server, protocol, virtual }: Subject): string {
  return `${server} (${protocol}:${virtual})`;
}
