/** What keeps a server out of use that was down, although its checks pass again. */

import type { Damping, Resume } from './config.js';

/** Of a virtual. */
export interface ReturnPolicy {
  readonly flapdamping: Damping | null;
  readonly resume: Resume;
}

export type PolicyHold =
  /** After so many falls that count, until then, in milliseconds since 1970: `flapdamping`. */
  | { readonly by: 'damping'; readonly until: number; readonly falls: number }
  /** Until somebody undrains it: `resume=manual`. */
  | { readonly by: 'resume'; readonly until: null };

/** Whether a virtual asks for its servers' past at all. */
export function hasReturnPolicy({ flapdamping, resume }: ReturnPolicy): boolean {
  return flapdamping !== null || resume === 'manual';
}
