/** How a server is, in a word: one meaning of it for listings, page, API and explanations. */

import type { ServerState, ServerStatus } from './model.js';

/** What keeps it out of use, whatever its checks say: at weight 0 by intent, or out by that or by a policy. */
export type Held = Extract<ServerState, 'drained' | 'held'> | null;

/** What people and schedules do comes before what `minhealthy` makes of a server, and that before what its checks say. */
export function stateOf({
  up,
  decided,
  inUse,
  byMinimum,
  hold,
}: Pick<ServerStatus, 'up' | 'decided' | 'inUse' | 'byMinimum'> & { readonly hold: Held }): ServerState {
  if (hold !== null) return hold;
  if (byMinimum) return inUse ? 'kept' : 'unused';
  if (!decided) return 'unknown';
  return up ? 'up' : 'down';
}
