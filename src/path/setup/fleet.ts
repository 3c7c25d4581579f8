/** The machines of one run: the director, and real servers. */

import type { Shell } from '../shell.js';

export interface Site {
  /** As the file calls it; null is the director. */
  readonly server: string | null;
  /** None of the director. */
  readonly addresses: readonly string[];
}

export interface Fleet {
  /**
   * One piece of work for each, with a shell that is let go of behind it; a bounded number of them at once. What it gives
   * is in the order of the machines.
   */
  each<S extends Site, R>(sites: readonly S[], work: (shell: Shell, site: S) => Promise<R>): Promise<readonly R[]>;
}

/** How work on machines goes on. */
export interface Going {
  /** Nothing more is begun once it says so. */
  readonly isEnding: () => boolean;
  /** Gives up what has begun. */
  readonly signal: AbortSignal;
  readonly onDone: () => void;
}
