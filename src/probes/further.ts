/** The further checks of a server, as checks and by name. */

import type { Check } from './probe.js';
import { plainCheck } from './server-check.js';

/** What a probe keeps from one run to the next hangs on the check that it is given. */
const whole = new WeakMap<Check, readonly Check[]>();
const none: readonly Check[] = [];

/** The further ones, each as a check of its own: the same objects each time. */
export function furtherChecks(check: Check): readonly Check[] {
  if (check.further === null) return none;
  const known = whole.get(check);
  if (known !== undefined) return known;
  const all = plainCheck(check);
  const found = check.further.map((further) => ({
    ...all,
    ...further,
    port: further.port ?? check.port,
    further: null,
  }));
  whole.set(check, found);
  return found;
}

/** Kind and port, and where several have these, which of all it is. */
export function furtherName(check: Check, all: readonly Check[]): string {
  const name = placeOf(check);
  const isAlone = all.every((other) => other === check || placeOf(other) !== name);
  return isAlone ? name : `${name} (${all.indexOf(check) + 1})`;
}

function placeOf({ type, service, port }: Check): string {
  if (type === 'ping') return type;
  return `${type === 'negotiate' ? service : type}:${port}`;
}
