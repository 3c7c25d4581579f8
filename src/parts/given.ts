/** What the parts of a daemon are given. */

import type { AssignedBefore, Assignments } from '../checks/assignment.js';
import type { Lookup } from '../config/resolve.js';
import type { Settings } from '../config/settings/rows.js';
import type { ControlledDirector } from '../control/director.js';
import type { AnnouncementFile } from '../directors/announce/kept.js';
import type { ReplicaFile } from '../directors/shared/replica-file.js';
import type { SyncJournal } from '../directors/sync/journal.js';
import type { EventBus } from '../events.js';
import type { HandedOver } from '../health/hand-over.js';
import type { Members } from '../health/members.js';
import type { PolicyFile } from '../health/policy-keeper.js';
import type { PolicyState } from '../health/policy-state.js';
import type { Backend } from '../ipvs/backend.js';
import type { BackendName } from '../ipvs/capabilities.js';
import type { Keeper } from '../kept/keeper.js';
import type { Config, RealServer } from '../model/config.js';
import type { ByHandFile } from '../overrides/by-hand-file.js';
import type { AddressJournal } from '../path/addresses/journal.js';
import type { Releases } from '../releases.js';
import type { KnownNames } from '../reload/known-names.js';
import type { LastRuling } from '../reload/last-ruling.js';
import type { Ruling } from '../reload/source.js';

export interface DaemonOptions {
  /** The configuration file. */
  readonly file: string;
  readonly strict: boolean;
  readonly backend: Backend;
  /** What the settings said of it when it was opened; absent where the command line goes before them. */
  readonly backendSetting?: BackendName;
  readonly bus: EventBus;
  readonly version: string;
  /** Whether the process has left its terminal; only the log says so. */
  readonly background?: boolean;
  readonly lookup?: Lookup;
  /** Names of an address. */
  readonly reverse?: (address: string) => Promise<readonly string[]>;
  /** Called when a configuration begins to rule, the first one included, for what outlives the daemon: the log. */
  readonly onRule?: (config: Config, settings: Settings) => void;
  /** Where what is asked for by hand is kept; without it a restart forgets it. */
  readonly byHandFile?: ByHandFile;
  /** Where it is kept what other directors have asked for; without it a restart waits for the store to know it. */
  readonly replicaFile?: ReplicaFile;
  /** Who was up in the run before, as `handedOver` gives it, whatever the table says. */
  readonly before?: HandedOver;
  /** Where it is kept what health policies know; without it a restart forgets it. */
  readonly policies?: { readonly file: PolicyFile; readonly before: PolicyState };
  /** Where it is noted that there are packet rules of ours; without it a restart looks for none that it does not want. */
  readonly packetsJournal?: string;
  /** Where it is kept what names stand for; without it a restart forgets it. */
  readonly knownNames?: KnownNames;
  /** Where the version is kept that rules while the file cannot; without it a restart has the file alone. */
  readonly lastRuling?: LastRuling;
  /** Who keeps what is to be known of this run in the next; without it a restart forgets it. */
  readonly keeper?: Keeper;
  /** Where it is kept which addresses of `vip` are ours; without it none is put anywhere. */
  readonly addressJournal?: AddressJournal;
  /** Where it is kept which synchronization daemons are ours; without it a restart knows them by interface and id. */
  readonly syncJournal?: SyncJournal;
  /** Where it is kept what is announced, and that this director is handed over; without it a restart forgets it. */
  readonly announcementFile?: AnnouncementFile;
  /** The control socket, and what it steers of the process; without it there is none. */
  readonly control?: { readonly path: string } & Pick<ControlledDirector, 'reload' | 'setLogLevel'>;
  /** Milliseconds between two attempts at names that do not resolve. */
  readonly resolveAgainAfter?: number;
}

/** What rules, and who is up in it: swapped whole. */
export interface State {
  ruling: Ruling;
  members: Members;
  /** What is asked of its servers; null before anything rules. */
  asked: Pick<Assignments, 'checks' | 'agents'> | null;
  isStopping: boolean;
  /** What becomes of the table at the end. */
  endTable: 'leave' | 'close';
}

/** What rules, for the assignment of another configuration. */
export function ruled({
  ruling: { config },
  asked,
  members,
}: State): (AssignedBefore & { readonly members: Members }) | null {
  return asked && { config, ...asked, members };
}

/** What the parts ask of the daemon. */
export interface Root {
  /** Rejects where a configuration cannot be checked. */
  readonly require: (config: Config) => Promise<void>;
  readonly takeOver: (ruling: Ruling) => Promise<void>;
  /** The checks of these servers are not to be run, as far as they decide about no other. */
  readonly rest: (servers: ReadonlySet<RealServer>) => void;
  /** The checks may be to be run more often than they are, or less. */
  readonly pace: () => void;
}

/** What all of them are given. */
export interface Given {
  readonly options: DaemonOptions;
  readonly state: State;
  /** The name of the configuration file, which names what is ours on this machine. */
  readonly instance: string;
  /** Each that is open has its release pushed as it opens. */
  readonly open: Releases;
}
