/** What every work needs at hand: where things are, who answers, and who lets go of what was opened. */

import type { Load } from './load.js';
import type { Cores } from './machine.js';
import type { Native } from './native.js';
import type { Resources } from './resources.js';

export interface Bench {
  /** For files of the measurement at hand. */
  readonly folder: string;
  readonly cores: Cores;
  readonly native: Native;
  readonly load: Load;
  /** Closed when the measurement at hand ends. */
  readonly resources: Resources;
}
