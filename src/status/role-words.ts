/** The role of a director in few words, for listings and the service manager. */

import type { Status } from './model.js';

/** `; passive`, `; active for 2 addresses`; nothing where nobody elects. */
export function roleText({ role: { by, word, held } }: Pick<Status, 'role'>): string {
  if (by === 'always') return '';
  const isFor = held === null || held.length === 0 ? '' : ` for ${held.length} address${held.length === 1 ? '' : 'es'}`;
  return word === 'unknown' ? '; role not known' : `; ${word}${isFor}`;
}
