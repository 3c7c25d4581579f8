/** What one run keeps for the next: lines of text, in a file of their own. */

import type { Work } from '../slices.js';

export interface Keepsake {
  /** What the file is called. */
  readonly name: string;
  /** Of its lines. A file of another one is left aside. */
  readonly format: number;
  /** The last line where a run has ended in good order; null where that makes no difference. */
  readonly end: string | null;
  /**
   * Takes the lines that a run before has kept, the oldest first, before anything else happens; none where there is no
   * such file. `now` in milliseconds since 1970. Gives how many are not understood; those count for nothing.
   */
  recall(lines: readonly string[], now: number): Work<number>;
  /** Everything, for a file that is written anew: from then on `news` is what comes later. */
  all(): Work<readonly string[]>;
  /** What has come since; null where that is more than a file should grow by, so that it is to be written anew. */
  news(): Work<readonly string[] | null>;
}
