/** The health of every real server in every virtual, kept across changes of the configuration. */

import type { RealServer, Virtual } from '../config/model.js';
import type { ProbeResult } from '../probes/probe.js';
import { assumed, type Health, judge, settled, type Transition } from './health.js';

export interface Assigned {
  readonly virtual: Virtual;
  readonly real: RealServer;
  readonly decidedBy: { readonly check: string } | { readonly up: boolean; readonly reason: string };
}

export interface Member extends Assigned {
  readonly health: Health;
}

export interface MemberTransition {
  readonly member: Member;
  readonly transition: Transition;
}

interface Entry extends Assigned {
  health: Health;
}

export interface MembersOptions {
  /** Names that are the same from one configuration to the next: of a virtual, and of a server in its virtual. */
  readonly virtualName: (virtual: Virtual) => string;
  readonly serverName: (real: RealServer) => string;
  /** Whether a server that is new here stands in the table with a weight. */
  readonly standing: (virtual: Virtual, real: RealServer) => boolean;
}

export class Members {
  readonly #byServer = new Map<RealServer, Entry>();
  /** By the names of virtual and server. */
  readonly #byName = new Map<string, Map<string, Entry>>();
  readonly #byCheck = new Map<string, Entry[]>();

  /** A server known from `before` keeps its health; if another check decides now, its first result decides alone. */
  constructor(servers: readonly Assigned[], before: Members | null, options: MembersOptions) {
    const { virtualName, serverName, standing } = options;
    let current: Virtual | null = null;
    let names = new Map<string, Entry>();
    let namesBefore: ReadonlyMap<string, Entry> | undefined;
    for (const assigned of servers) {
      const { virtual, real, decidedBy } = assigned;
      if (virtual !== current) {
        current = virtual;
        const name = virtualName(virtual);
        namesBefore = before ? before.#byName.get(name) : undefined;
        names = this.#byName.get(name) ?? new Map();
        this.#byName.set(name, names);
      }
      const name = serverName(real);
      const entry = { virtual, real, decidedBy, health: initial(assigned, namesBefore?.get(name), standing) };
      this.#byServer.set(real, entry);
      names.set(name, entry);
      if ('check' in assigned.decidedBy) {
        const { check } = assigned.decidedBy;
        const sharing = this.#byCheck.get(check);
        if (sharing) sharing.push(entry);
        else this.#byCheck.set(check, [entry]);
      }
    }
  }

  isUp(real: RealServer): boolean {
    return this.#byServer.get(real)?.health.up ?? false;
  }

  /** Whether a result has decided about the server, or it needs none. */
  isDecided(real: RealServer): boolean {
    return this.#byServer.get(real)?.health.decided ?? false;
  }

  /** The servers that a check decides about. */
  decidedBy(check: string): readonly Member[] {
    return this.#byCheck.get(check) ?? [];
  }

  /** Judges a result for every server that the check decides about. */
  record(check: string, result: ProbeResult): MemberTransition[] {
    const transitions: MemberTransition[] = [];
    for (const entry of this.#byCheck.get(check) ?? []) {
      const { health, transition } = judge(entry.health, result, entry.virtual);
      entry.health = health;
      if (transition) transitions.push({ member: entry, transition });
    }
    return transitions;
  }
}

function initial(
  { virtual, real, decidedBy }: Assigned,
  known: Entry | undefined,
  standing: MembersOptions['standing'],
): Health {
  if (!('check' in decidedBy)) return settled(decidedBy.up, decidedBy.reason);
  if (!known) return assumed(standing(virtual, real));
  const same = 'check' in known.decidedBy && known.decidedBy.check === decidedBy.check;
  return same ? known.health : { ...known.health, decided: false, failures: 0 };
}
