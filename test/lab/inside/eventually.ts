/** Waiting in a guest: one slow processor, which several programs may share with those of another guest. */

import { until } from '../../helpers/deadline.js';

const patience = 60_000;

/** Asks again and again until the answer is true. */
export function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  return until(what, holds, patience);
}
