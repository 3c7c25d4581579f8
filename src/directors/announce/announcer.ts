/** Who makes addresses reachable: a device of this machine, whose addresses FRR or BIRD announce; ExaBGP; a program. */

import type { Announced } from '../../model/announced.js';
import type { Family } from '../../model/config.js';

/** What is to become of an address. */
export interface Announcement {
  readonly address: string;
  readonly family: Family;
  /** Null is that it is withdrawn. */
  readonly announced: Announced | null;
  /** Whether it stays so though nobody looks after it: the daemon stops, and leaves its services in the table. */
  readonly isLasting: boolean;
}

/** By address. */
export type Announcements = ReadonlyMap<string, Announcement>;

/** Whether the announcer does what was asked for an address. */
export interface AnnouncerStatus {
  readonly isDone: boolean;
  /** Why not, and what to do; null where it does, or nobody knows yet. */
  readonly why: string | null;
}

export interface Announcer {
  /**
   * Announces and withdraws from now on as this says, of all that it is asked about: what is not in it any more is
   * withdrawn. Returns at once: what cannot be said now is said as soon as it can be.
   */
  announce(wanted: Announcements): void;
  statusOf(address: string): AnnouncerStatus;
  /** What keeps it from announcing or withdrawing anything, and what to do; null where nothing does, or others tell. */
  readonly fault: string | null;
  /** Settles when what was asked is done, or cannot be done now, or so many milliseconds have passed. Never rejects. */
  whenSettled(milliseconds: number): Promise<void>;
  /** Lets go; what is announced stays so. Never rejects. */
  leave(): Promise<void>;
}

export interface AnnouncerOptions {
  /** It does what was asked, or does not any more, or has another fault. */
  readonly onChange: () => void;
}
