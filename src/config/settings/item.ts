/** A section of the settings file of whose kind there may be many. */

import type { Span } from '../../model/config.js';

export interface Item {
  /** What stands in its head behind its word. */
  readonly name: string;
  /** Where its values stand, by key. */
  readonly places: Readonly<Record<string, Span>>;
}
