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
  /** One name for a server in a virtual, the same from one configuration to the next. */
  readonly nameOf: (virtual: Virtual, real: RealServer) => string;
  /** Whether a server that is new here stands in the table with a weight. */
  readonly standing: (virtual: Virtual, real: RealServer) => boolean;
}

export class Members {
  readonly #byServer = new Map<RealServer, Entry>();
  readonly #byName = new Map<string, Entry>();
  readonly #byCheck = new Map<string, Entry[]>();

  /** A server known from `before` keeps its health; if another check decides now, its first result decides alone. */
  constructor(servers: readonly Assigned[], before: Members | null, { nameOf, standing }: MembersOptions) {
    for (const assigned of servers) {
      const name = nameOf(assigned.virtual, assigned.real);
      const known = before ? before.#byName.get(name) : undefined;
      const entry = { ...assigned, health: initial(assigned, known, standing) };
      this.#byServer.set(assigned.real, entry);
      this.#byName.set(name, entry);
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

  /** The checks that a server still waits for. */
  awaited(): Set<string> {
    const waiting = [...this.#byCheck].filter(([, entries]) => entries.some(({ health }) => !health.decided));
    return new Set(waiting.map(([check]) => check));
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
