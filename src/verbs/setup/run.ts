/** One run of `setup`. */

import type { Fleet } from '../../path/setup/fleet.js';
import type { Command } from '../command.js';
import type { Interruption } from './interruption.js';

export interface Run {
  readonly command: Command;
  /** The configuration. */
  readonly file: string;
  readonly journalPath: string;
  readonly asked: {
    /** Null is the director alone; none is all of them. */
    readonly servers: readonly string[] | null;
    readonly apply: boolean;
    readonly undo: boolean;
    readonly persist: boolean;
    readonly json: boolean;
  };
  readonly going: Interruption;
  readonly fleet: Fleet;
}
