/** What a command line of ipvsadm asks for. */

import type { Operation } from '../ipvs/backend.js';
import type { Timeouts } from '../ipvs/kernel/settings-codec.js';
import type { DaemonState, SyncDaemon } from '../ipvs/sync-daemon.js';
import type { ServiceIdentity } from '../ipvs/table.js';

/** Addresses in it may still be names of hosts. */
export type Request =
  | { readonly do: 'change'; readonly operation: Operation }
  | { readonly do: 'clear' }
  | { readonly do: 'restore' }
  | { readonly do: 'save'; readonly numeric: boolean }
  | { readonly do: 'list'; readonly listing: Listing; readonly only: ServiceIdentity | null }
  | { readonly do: 'list-connections'; readonly numeric: boolean; readonly engines: boolean }
  | { readonly do: 'list-timeouts' }
  | { readonly do: 'list-daemons' }
  | { readonly do: 'zero'; readonly service: ServiceIdentity | null }
  | { readonly do: 'set-timeouts'; readonly timeouts: Timeouts }
  | { readonly do: 'start-daemon'; readonly daemon: SyncDaemon }
  | { readonly do: 'stop-daemon'; readonly state: DaemonState }
  | { readonly do: 'help' }
  | { readonly do: 'version' };

/** Which columns a table has. */
export type View = 'plain' | 'stats' | 'rate' | 'thresholds' | 'persistent-conn' | 'tun-info';

export interface Listing {
  readonly view: View;
  /** Whether large counts are printed in full. */
  readonly exact: boolean;
  readonly sorted: boolean;
  /** Whether addresses and ports are left as numbers. */
  readonly numeric: boolean;
}

/** Exit statuses of ipvsadm. */
export const status = {
  done: 0,
  /** A service that was to be listed does not stand. */
  missing: 1,
  /** The command line is wrong, or there is no IPVS to speak to. */
  unusable: 2,
  /** The kernel refused, or the command line cannot be read. */
  refused: 255,
} as const;

/** A command line that cannot be carried out. */
export class WrongArguments extends Error {
  readonly status: number;
  /** Whether lines that follow it in a restore are left out. */
  readonly isFinal: boolean;

  constructor(message: string, { status: code = status.unusable, isFinal = true }: Partial<Rank> = {}) {
    super(message);
    this.status = code;
    this.isFinal = isFinal;
  }
}

/** For a line without a command. */
export function noCommand(): WrongArguments {
  return new WrongArguments("Try `ipvsadm -h' or 'ipvsadm --help' for more information.", { status: status.refused });
}

interface Rank {
  readonly status: number;
  readonly isFinal: boolean;
}
