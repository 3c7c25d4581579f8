/** How a server is, in a word: one meaning of it for listings, page, API and explanations. */

import type { ServerState, ServerStatus } from './model.js';

/** What keeps it out of use, whatever its checks say: at weight 0 by intent, or out by that or by a policy. */
export type Held = Extract<ServerState, 'drained' | 'held'> | null;

/**
 * What people and schedules do comes before what `minhealthy` or the votes of directors make of a server, and that before
 * what its checks say.
 */
export function stateOf({
  up,
  decided,
  inUse,
  isBeyondChecks,
  hold,
}: Pick<ServerStatus, 'up' | 'decided' | 'inUse'> & {
  readonly hold: Held;
  /** Whether one of these decides. */
  readonly isBeyondChecks: boolean;
}): ServerState {
  if (hold !== null) return hold;
  if (isBeyondChecks) return inUse ? 'kept' : 'unused';
  if (!decided) return 'unknown';
  return up ? 'up' : 'down';
}
