/** What is known of the director when it is examined. Null is not known. */

import type { Machine } from '../machine.js';
import type { SyncAsked } from '../needs/sync.js';

export interface DirectorFacts {
  /** What the backend that has the table makes of clients' traffic. */
  readonly passes: 'packets' | 'streams' | 'nothing';
  readonly machine: Machine;
  /** What the settings ask of it. */
  readonly sync: SyncAsked;
  /** Of the modules that were asked for, those that are on the disk or part of the kernel. */
  readonly loadable: ReadonlySet<string> | null;
  readonly marks: PacketMarks | null;
  /** What the file asks of the packet filter; null where that is nothing, or may not be read. */
  readonly ownRules: OwnRules | null;
  readonly controllers: readonly Controller[];
  readonly kernel: KernelTable | null;
  /** Who else answers for the addresses of services: those that could be asked for. */
  readonly holders: ReadonlyMap<string, readonly Holder[]>;
  readonly isClockSynchronised: boolean | null;
  readonly descriptors: Descriptors | null;
}

/** What rules of packet filters set. */
export interface PacketMarks {
  readonly set: ReadonlySet<number>;
  /** Whether some rule sets marks that show only as packets come: out of a map, or of connections. */
  readonly setsOthers: boolean;
}

/** The rules for `ports` and `snat`. */
export type OwnRules =
  /** `mark 1275068417 for 203.0.113.10`, `snat for tcp 203.0.113.10:80`. */
  | { readonly table: string; readonly missing: readonly string[] }
  /** Why there can be none, with what to do. */
  | { readonly table: string; readonly fault: string };

/** A program that keeps the kernel's table, too. */
export interface Controller {
  readonly name: 'keepalived' | 'kube-proxy' | 'ldirectord of Perl’s';
  readonly pid: number;
}

export interface KernelTable {
  /** Rows of the hash table of connections. */
  readonly rows: number;
  readonly connections: number;
  readonly daemons: readonly ('master' | 'backup')[];
}

/** Another machine that has the address. */
export interface Holder {
  readonly device: string;
  readonly mac: string;
}

export interface Descriptors {
  readonly limit: number;
  /** Whose limit that is: `process 4711`, `ldirectord.service`. */
  readonly of: string;
  /** Checks that can be under way at one time. */
  readonly checks: number;
}
