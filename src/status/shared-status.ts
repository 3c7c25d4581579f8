/** What directors share, as one of them sees it: plain values, fit for JSON. */

/** In what a director can differ from another. */
export const differenceKinds = ['version', 'configuration', 'overrides', 'health', 'weights'] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

export interface Difference {
  readonly kind: DifferenceKind;
  /** The servers that it is about, by their keys; empty where it is about the whole. */
  readonly servers: readonly string[];
  /** A sentence. */
  readonly text: string;
}

export interface SharedStatus {
  /** Of this director. */
  readonly name: string;
  readonly vote: 'own' | 'majority';
  /** Decisions of this director that the store does not have yet. */
  readonly pending: number;
  /** Keys of the store that mean nothing. */
  readonly misread: readonly { readonly key: string; readonly reason: string }[];
  /** Whether this director alone sees half of its servers or more down. */
  readonly alone: boolean;
  /** Addresses that others are active for, too. */
  readonly contested: readonly { readonly address: string; readonly others: readonly string[] }[];
  /** All that are known, in the order of their names. */
  readonly directors: readonly DirectorStatus[];
}

export interface DirectorStatus {
  readonly name: string;
  readonly isSelf: boolean;
  /** What it says of itself; null where it is not there. */
  readonly there: DirectorPresence | null;
  /** When it last said what it sees, by the clock of this director; null where it has not, or for this one itself. */
  readonly observed: number | null;
  /** In what it differs from this one. */
  readonly differences: readonly Difference[];
}

export interface DirectorPresence {
  readonly version: string;
  readonly started: number;
  /** Of the configuration as understood. */
  readonly config: string;
  readonly ready: boolean;
  /** Why it is not; null where it is. */
  readonly unready: string | null;
  readonly role: 'active' | 'passive' | 'unknown';
  /** Addresses that it is active for; null where it does not matter which. */
  readonly vips: readonly string[] | null;
  /** Addresses of virtual services that are not healthy there. */
  readonly downVips: readonly string[];
  readonly fitness: number | null;
  /** Whether it checks as often as its file says. */
  readonly checks: boolean;
  /** Whether it is being taken out of use. */
  readonly leaving: boolean;
  /** Real servers, and how many of them its own checks say are down. */
  readonly servers: number;
  readonly down: number;
}

/** Whether directors differ, or one is not there. */
export function differ({ directors }: SharedStatus): boolean {
  return directors.some(({ there, differences }) => there === null || differences.length > 0);
}
