/** What the store says of the directors: which there are, which are there now, and what they see. Pure. */

import { rooms } from './keys.js';
import { type Observation, observationIn } from './observation.js';
import { type Presence, presenceIn } from './presence.js';

export interface Peer {
  readonly name: string;
  /** Whether it is one of the directors, though it may not be there now. */
  readonly isMember: boolean;
  /** Null where it is not there now. */
  readonly presence: Presence | null;
  /** Null where it has not said anything yet. */
  readonly observation: Observation | null;
  /** When it said so, by the clock of this director, in milliseconds since 1970. */
  readonly observedAt: number | null;
}

export type PresentPeer = Peer & { readonly presence: Presence };

const unheard: Omit<Peer, 'name'> = { isMember: false, presence: null, observation: null, observedAt: null };

/** Directors that are kept: more are somebody's mistake. */
const mostPeers = 10_000;

export class Peers {
  readonly #peers = new Map<string, Peer>();
  /** Keys of what is asked and answered on request, with their values. */
  readonly #words = new Map<string, string>();

  /** Null is that it is there no more; `now` in milliseconds since 1970. */
  see(key: string, value: string | null, now: number): void {
    const [room, name] = roomOf(key);
    if (room === rooms.members) this.#note(name, { isMember: value !== null });
    else if (room === rooms.directors) this.#note(name, { presence: value === null ? null : presenceIn(value) });
    else if (room === rooms.observations) {
      this.#note(name, {
        observation: value === null ? null : observationIn(value),
        observedAt: value === null ? null : now,
      });
    } else if (room === rooms.asks || room === rooms.answers) {
      if (value === null) this.#words.delete(key);
      else this.#words.set(key, value);
    }
  }

  /** All that are known, in the order of their names. */
  get all(): readonly Peer[] {
    return [...this.#peers.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  of(name: string): Peer | undefined {
    return this.#peers.get(name);
  }

  /** Those that are there now, but for one. */
  othersThan(name: string): readonly PresentPeer[] {
    return [...this.#peers.values()].filter(
      (peer): peer is PresentPeer => peer.presence !== null && peer.name !== name,
    );
  }

  /** What is asked and answered on request, by key. */
  get words(): ReadonlyMap<string, string> {
    return this.#words;
  }

  #note(name: string, news: Partial<Peer>): void {
    if (!this.#peers.has(name) && this.#peers.size >= mostPeers) return;
    const peer = { name, ...unheard, ...this.#peers.get(name), ...news };
    // Nobody needs to know of one that somebody has taken out of the list.
    if (!peer.isMember && peer.presence === null && peer.observation === null) this.#peers.delete(name);
    else this.#peers.set(name, peer);
  }
}

function roomOf(key: string): readonly [room: string, name: string] {
  const slash = key.indexOf('/') + 1;
  return [key.slice(0, slash), key.slice(slash)];
}
