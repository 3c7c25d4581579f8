/** What can be done to servers from outside, by whoever is allowed to. */

import type { Wish } from '../overrides/steering.js';

export interface Actions {
  /**
   * Takes a real server, named as the log does (`10.0.0.1:80`), out of use in every virtual that has it: no new
   * connections, established ones go on. Rejects with an Error for people where that cannot be done; its `code` is
   * `last-server` where that is for want of `force`.
   */
  drain(server: string, asked: Pick<Wish, 'why' | 'force'>): Promise<void>;
  /** Ends that. */
  undrain(server: string, asked: Pick<Wish, 'why'>): Promise<void>;
}
