/** What directors share of this one, put together from the rooms that know it; and what of the others counts here. */

import type { ControlledDirector } from './control/director.js';
import { ControlError } from './control/protocol.js';
import { calledOf, type LeftThere } from './directors/shared/asking.js';
import { tableIn } from './directors/shared/foreign-table.js';
import { observe } from './directors/shared/observation.js';
import type { TakenBack } from './directors/shared/replica.js';
import type { Seen, Self, Shared } from './directors/shared/shared.js';
import type { Members } from './health/members.js';
import { type ObservedTable, observe as observeDestination } from './ipvs/table.js';
import type { Config, RealServer, Virtual } from './model/config.js';
import type { Origin } from './model/origin.js';
import type { InForce } from './model/override.js';
import { isFallback, subjectKey, subjectOf } from './model/subject.js';
import { isAbout } from './overrides/by-hand.js';
import { allPlacesOf, type NamedServer, type Place } from './overrides/places.js';
import type { Health } from './reconcile/decisions.js';
import type { Desired, DesiredEntry } from './reconcile/desired.js';
import { plan } from './reconcile/plan.js';
import { leftOf, nothingLeft, plus } from './status/left.js';
import type { Status, VoteStatus } from './status/model.js';
import { type PlannedService, plannedServices } from './status/outlook.js';

/** What this director sees by its own checks, and holds out. */
export function seenBy(members: Members, config: Config, inForce: InForce): Seen {
  return observe(config, inForce, (real) => members.isDecided(real) && !members.isUp(real));
}

/** Who is up by checks here and by the votes of directors. */
export function healthAmong(shared: () => Shared | null, members: () => Members): Health {
  return {
    isUp: (real) => isUpAmong(shared(), members(), real),
    isVoted: (real) => shared()?.isVoting === true && isUpAmong(shared(), members(), real) !== members().isUp(real),
    isDecided: (real) => members().isDecided(real),
    policyHoldOf: (real, now) => members().policyHoldOf(real, now),
    takeChanged: () => members().takeChanged(),
  };
}

/** Whether a server is up: a fallback is each director's own, and what no check has decided here is not voted on. */
function isUpAmong(shared: Shared | null, members: Members, real: RealServer): boolean {
  const isUpHere = members.isUp(real);
  if (shared === null || isFallback(real) || !members.isDecided(real)) return isUpHere;
  const virtual = members.virtualOf(real);
  return virtual === null ? isUpHere : shared.isUp(virtual, real, isUpHere);
}

/** How directors vote on a server, this one included; null where they do not. */
export function voteOn(shared: Shared | null, members: Members, real: RealServer): VoteStatus | null {
  const virtual = members.virtualOf(real);
  if (shared === null || !shared.isVoting || virtual === null) return null;
  const { voters, down } = shared.votesOn(virtual, real);
  return { directors: voters + 1, up: voters - down + (members.isUp(real) ? 1 : 0) };
}

/** What this director says of whether it could take over. */
export function readinessOf(unready: readonly string[]): Pick<Self, 'ready' | 'unready'> {
  return { ready: unready.length === 0, unready: unready.length === 0 ? null : unready.join('; ') };
}

export interface Ends {
  /** Who has taken back what, by the keys of the servers. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** Those that were undrained. */
  readonly undrained: readonly Place[];
}

/** Whom it is about what others have taken back. */
export function endsOf({ virtuals }: Config, ended: readonly TakenBack[]): Ends {
  const origins = new Map<string, Origin>();
  const undrained: Place[] = [];
  if (ended.length === 0) return { origins, undrained };
  for (const virtual of virtuals) {
    for (const real of virtual.realServers) {
      for (const one of ended) {
        if (!isAboutIt(one, virtual, real)) continue;
        origins.set(subjectKey(subjectOf(virtual, real)), one.origin);
        if (one.kind === 'drain') undrained.push({ virtual, real });
      }
    }
  }
  return { origins, undrained };
}

function isAboutIt({ kind, server, virtual: named, origin }: TakenBack, virtual: Virtual, real: RealServer): boolean {
  return isAbout({ kind, server, virtual: named, weight: 0, until: null, ...origin }, virtual, real);
}

/** What is left here of connections to servers that others ask about. */
export function connectionsIn(
  { virtuals }: Status,
  config: Config,
  servers: readonly NamedServer[],
): ReadonlyMap<string, LeftThere> {
  const asked = servers.map((server) => ({ called: calledOf(server), places: keysOf(config, server) }));
  const found = new Map<string, LeftThere>(asked.map(({ called }) => [called, { ...nothingLeft, open: 0 }]));
  for (const virtual of virtuals) {
    for (const server of virtual.servers) {
      const key = subjectKey({ ...virtual, virtual: virtual.name, server: server.name });
      for (const { called, places } of asked) {
        const before = found.get(called);
        if (before === undefined || !places.has(key)) continue;
        const open = before.open + ((server.weight ?? 0) > 0 ? 1 : 0);
        found.set(called, { ...plus(before, leftOf(virtual, server)), open });
      }
    }
  }
  return found;
}

/** None where this configuration knows no such server. */
function keysOf(config: Config, server: NamedServer): ReadonlySet<string> {
  try {
    return new Set(allPlacesOf(config, server).map(({ virtual, real }) => subjectKey(subjectOf(virtual, real))));
  } catch {
    return new Set();
  }
}

/** What would have to change in a table for it to be the one that another director has sent. */
export function towardTable(own: Desired, text: string): readonly PlannedService[] {
  const wanted = tableIn(text);
  const table: ObservedTable = new Map(
    [...own].map(([key, { service, destinations }]) => [
      key,
      {
        service,
        destinations: new Map([...destinations].map(([place, one]) => [place, observeDestination(one, undefined)])),
      },
    ]),
  );
  const operations = plan(wanted, table, new Set(own.keys()));
  const named: Desired = new Map(
    [...wanted].map(([key, entry]) => [key, { ...(own.get(key) ?? { ...unnamed, name: nameIn(key) }), ...entry }]),
  );
  return plannedServices({ wanted: named, operations, awaited: new Set(), meanwhile: [] }, table);
}

/** Of a service that this director does not have. */
const unnamed: Omit<DesiredEntry, 'name' | 'service' | 'destinations'> = {
  cleanstop: true,
  named: new Map(),
  whole: true,
  removable: new Set(),
  moving: new Set(),
};

/** `192.0.2.1:80` of `tcp 192.0.2.1:80`. */
function nameIn(key: string): string {
  return key.slice(key.indexOf(' ') + 1);
}

/** What carries checks alone is each director's own. */
export function withoutPaths(wanted: Desired): Desired {
  return new Map([...wanted].filter(([, { isPath }]) => !isPath));
}

/** What people ask about other directors. */
export type AmongDirectors = Pick<ControlledDirector, 'shared' | 'connectionsElsewhere' | 'planToward'>;

export function amongDirectors(
  directors: { readonly shared: Shared | null },
  decisions: { readonly wanted: Desired },
): AmongDirectors {
  const sharing = (): Shared => {
    const { shared } = directors;
    if (shared !== null) return shared;
    throw new ControlError(
      'refused',
      'there is no store: directors share nothing without [store] in the settings file',
    );
  };
  return {
    shared: () => directors.shared?.status ?? null,
    connectionsElsewhere: (target) => {
      const shared = sharing();
      const found = shared.asking.connections(target);
      return shared.status.directors
        .filter(({ isSelf }) => !isSelf)
        .map(({ name: director, there }) => {
          const { open = 0, ...left } = found.get(director) ?? {};
          const isKnown = there !== null && found.has(director);
          return { director, isThere: there !== null, left: isKnown ? { ...nothingLeft, ...left } : null, open };
        });
    },
    planToward: async (name) => {
      const { asking, status } = sharing();
      const there = status.directors.find((one) => one.name === name)?.there;
      const known = status.directors.map((one) => one.name).join(', ');
      if (there === undefined) throw new ControlError('refused', `no director is called '${name}': there are ${known}`);
      if (there === null) throw new ControlError('refused', `${name} is not there`);
      if (name === status.name) throw new ControlError('refused', `${name} is this director`);
      return towardTable(withoutPaths(decisions.wanted), await asking.tableOf(name));
    },
  };
}
