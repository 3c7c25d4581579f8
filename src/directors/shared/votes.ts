/**
 * Whether a server is up by the votes of the directors that are there: with `healthvote = majority`. One with a broken
 * cable empties nothing then, and one that reaches what nobody else does serves nothing. It weighs what checks say alone:
 * what people ask for goes before it.
 */

import { keysIn, type Observation } from './observation.js';
import type { Presence } from './presence.js';

export interface Voter {
  readonly name: string;
  readonly presence: Presence;
  readonly observation: Observation | null;
}

/** How the others vote. */
export interface Ballot {
  /** Others that have a vote. */
  readonly voters: number;
  /** How many of them see a server down, by its key. */
  readonly down: ReadonlyMap<string, number>;
}

export const nobodyElse: Ballot = { voters: 0, down: new Map() };

/** Who has the same configuration, has seen all of its servers, and checks them as often as its file says. */
export function hasVote({ presence, observation }: Voter, config: string): boolean {
  return presence.config === config && presence.ready && presence.checks && observation?.isCut === false;
}

export function ballotOf(others: readonly Voter[], config: string): Ballot {
  const voters = others.filter((other) => hasVote(other, config));
  const down = new Map<string, number>();
  for (const { observation } of voters) {
    for (const key of keysIn(observation?.down ?? {})) down.set(key, (down.get(key) ?? 0) + 1);
  }
  return { voters: voters.length, down };
}

/** As most of all see it; as this one does where they are as many. `key` is asked for only where it matters. */
export function isUpByVote({ voters, down }: Ballot, isUpHere: boolean, key: () => string): boolean {
  if (voters === 0 || (isUpHere && down.size === 0)) return isUpHere;
  const downs = (down.get(key()) ?? 0) + (isUpHere ? 0 : 1);
  const all = voters + 1;
  if (downs * 2 === all) return isUpHere;
  return downs * 2 < all;
}

/** What this director sees that no other does. */
export interface Alone {
  readonly down: number;
  readonly servers: number;
  /** Directors that see less than half of it. */
  readonly others: number;
}

/**
 * Whether this director alone sees half of its servers or more down: then it is more likely this director. Null where it is
 * not so, or there is no other to compare with. Those that have no servers in common have nothing to say.
 */
export function aloneWith(
  { config, servers, down }: Pick<Presence, 'config' | 'servers' | 'down'>,
  others: readonly Presence[],
): Alone | null {
  const witnesses = others.filter((other) => other.config === config && other.ready && other.checks);
  if (servers === 0 || down * 2 < servers || witnesses.length === 0) return null;
  if (witnesses.some((other) => other.down * 2 >= other.servers)) return null;
  return { down, servers, others: witnesses.length };
}
