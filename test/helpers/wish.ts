/** How things are asked for in tests that are about something else. */

import type { Wish } from '../../src/overrides/steering.js';

export const plain: Wish = { who: null, why: null, force: false };
/** Also from the last server of a service. */
export const forced: Wish = { ...plain, force: true };
