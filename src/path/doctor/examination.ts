/** What came of the examination of one machine. */

import type { Finding } from './finding.js';

export interface Examination {
  readonly on: Finding['on'];
  readonly findings: readonly Finding[];
  readonly unexamined: readonly Unexamined[];
}

/** What could not be looked at: nobody knows whether it is well. */
export interface Unexamined {
  /** `rules of the packet filter`. */
  readonly object: string;
  /** `only root may read them`. */
  readonly reason: string;
}
