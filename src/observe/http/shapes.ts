/** The shapes of what the API answers, for the page and for whoever else asks. */

import type { Origin } from '../../model/origin.js';
import type { VirtualSubject } from '../../model/subject.js';
import type {
  AgentStatus,
  Counts,
  FallbackStatus,
  ServerState,
  ServerStatus,
  Status,
  VirtualStatus,
} from '../../status/model.js';
import type { ServerPlace } from '../../status/server-places.js';
import type { Level } from '../messages.js';

export type { AgentStatus, Counts, FallbackStatus, Origin, ServerState, ServerStatus, VirtualStatus };

export type ActionName = 'drain' | 'undrain';

/** `/api/v1/status`. */
export interface StatusAnswer extends Status {
  /** Where less than everything was asked for. */
  readonly page?: PageAnswer;
  /** What the bearer of the token may do; empty where there is no token. */
  readonly actions: readonly ActionName[];
}

export type VirtualSummary = Omit<VirtualStatus, 'servers'> & {
  readonly servers: number;
  /** Those that are in use. */
  readonly up: number;
};

/** `/api/v1/virtuals`. */
export interface VirtualsAnswer {
  /** Where less than everything was asked for. */
  readonly page?: PageAnswer;
  readonly virtuals: readonly VirtualSummary[];
}

/** What of the answer there was no room for, where less than everything was asked for. */
export interface PageAnswer {
  /** How many services and servers are as was asked, on all pages together. */
  readonly found: Counts;
  /** What `after` is for the next page; null where this is the last. */
  readonly next: string | null;
}

/** `/api/v1/servers`. */
export interface ServersAnswer extends PageAnswer {
  readonly places: readonly ServerPlace[];
}

/** `/api/v1/servers/{server}`: a server in each virtual service that has it. */
export interface ServerAnswer {
  readonly server: string;
  readonly places: readonly ServerPlace[];
}

export interface EventAnswer {
  /** Counts from 1, and goes on at the next start of the daemon. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly type: string;
  readonly level: Level;
  /** What the log says of it. */
  readonly lines: readonly string[];
  /** The server and its virtual, where it is about one. */
  readonly subject:
    | (Omit<VirtualSubject, 'inFile'> & {
        readonly server: string | null;
        /** What the file calls them. */
        readonly called: { readonly virtual: string; readonly server: string | null };
      })
    | null;
  /** The lines by the names that the file uses; empty where that is the same. */
  readonly named: readonly string[];
}

/** `/api/v1/events`. */
export interface EventsAnswer {
  /** When their numbers began, in milliseconds since 1970: those of another series say nothing. */
  readonly series: number;
  readonly events: readonly EventAnswer[];
}

/** A measure at each step, the oldest first; null where nothing is known. */
export type Course = readonly (number | null)[];

/** What the last hour was like; all courses end at the same step. */
export interface HistoryAnswer {
  /** Milliseconds from one step to the next. */
  readonly step: number;
  /** Milliseconds since 1970 of the last step. */
  readonly end: number;
  readonly up: Course;
  readonly servers: Course;
  /** Established connections. */
  readonly active: Course;
  /** New connections in a second. */
  readonly rate: Course;
}

/** `/api/v1/virtuals/{protocol}/{virtual}/history`. */
export interface VirtualHistoryAnswer extends HistoryAnswer {
  /** By server: at each step `u` for up, `d` for down, `h` for held, `-` for not known. */
  readonly states: Readonly<Record<string, string>>;
}

/** An action that was carried out. */
export interface ActionAnswer {
  readonly server: string;
  readonly action: ActionName;
}

/** Where there is something to do about it: `last-server`, ask again with `force=true`. */
export type ProblemCode = 'last-server';

/** Why a request was not met. */
export interface ProblemAnswer {
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode | null;
}
