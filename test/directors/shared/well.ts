/** What a director says of itself that has nothing to complain of. */

import type { Presence } from '../../../src/directors/shared/presence.js';

export const well: Presence = {
  version: '1.0.0',
  started: 1_764_438_000_000,
  config: 'c0ffee',
  ready: true,
  unready: null,
  role: 'active',
  vips: null,
  downVips: [],
  fitness: null,
  checks: true,
  leaving: false,
  servers: 4,
  down: 0,
};
