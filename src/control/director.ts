/** What the control socket needs of a director. */

import type { Handover } from '../directors/handover.js';
import type { NamedServer } from '../overrides/places.js';
import type { Steering } from '../overrides/steering.js';
import type { ReloadOutcome } from '../reload/outcome.js';
import type { Chronicle } from '../status/chronicle.js';
import type { ElsewhereLeft } from '../status/left.js';
import type { Checked, Explanation } from '../status/model.js';
import type { Plan, PlannedService, PlanRequest } from '../status/outlook.js';
import type { Selection } from '../status/selection.js';
import type { SharedStatus } from '../status/shared-status.js';
import type { StatusStream } from '../status/streamed.js';

export const logLevels = ['debug', 'info', 'warning', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface ControlledDirector {
  readonly steering: Steering;
  readonly handover: Handover;
  readonly chronicle: Chronicle;
  /** A portion after another, however many ask. */
  stream(selection: Selection): Promise<StatusStream>;
  /** Why this director could not take over from another one, a sentence each; none where it could. */
  unready(): readonly string[];
  plan(request: PlanRequest): Promise<Plan>;
  explain(target: NamedServer): Promise<readonly Explanation[]>;
  checkNow(target: NamedServer): Promise<readonly Checked[]>;
  /** Null where directors share nothing. */
  shared(): SharedStatus | null;
  /** What other directors have of connections to a server, as far as they have said; each time it is asked they go on saying. */
  connectionsElsewhere(target: NamedServer): readonly ElsewhereLeft[];
  /** What would have to change in the table of this director for it to be that of another. */
  planToward(director: string): Promise<readonly PlannedService[]>;
  reload(): Promise<ReloadOutcome>;
  /** Null is the level of the settings; `until` in milliseconds since 1970, null for good. */
  setLogLevel(level: LogLevel | null, until: number | null): void;
}
