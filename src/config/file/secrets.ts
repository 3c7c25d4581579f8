/** Which of a virtual's settings are secret, by the rows of their directives. */

import type { Virtual } from '../../model/config.js';
import type { Rows } from './directive.js';
import { virtualDirectives } from './directives.js';

const rows: Rows = virtualDirectives;
const secret = Object.entries(rows).filter(([, row]) => row.secret?.kind === 'value');

/** What no output may have of it: passwords, and whatever else is sent and is nobody's business. */
export function secretsOf(virtual: Partial<Virtual>): readonly string[] {
  const held: Readonly<Record<string, unknown>> = virtual;
  return secret.flatMap(([keyword, row]) => (held[keyword] === undefined ? [] : row.hide(held[keyword])));
}
