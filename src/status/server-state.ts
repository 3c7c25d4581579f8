/** How a server is, in a word: one meaning of it for listings, page, API and explanations. */

import type { ServerState, ServerStatus } from './model.js';

/** What people and schedules do comes before what `minhealthy` makes of a server, and that before what its checks say. */
export function stateOf({
  up,
  decided,
  inUse,
  byMinimum,
  isHeld,
}: Pick<ServerStatus, 'up' | 'decided' | 'inUse' | 'byMinimum'> & { readonly isHeld: boolean }): ServerState {
  if (isHeld) return 'held';
  if (byMinimum) return inUse ? 'kept' : 'unused';
  if (!decided) return 'unknown';
  return up ? 'up' : 'down';
}
