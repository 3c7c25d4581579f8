/** What health policies know, put together from the rooms that know it, for the run that comes next. */

import type { Event } from './events.js';
import type { Members } from './health/members.js';
import type { PolicyState, ServerState } from './health/policy-state.js';
import { subjectKey, subjectOf } from './model/subject.js';
import type { KeptStandings } from './reconcile/standings/kept.js';

/** What happens where health policies know something new. */
export const policyChanges: ReadonlySet<Event['type']> = new Set([
  'server-up',
  'server-down',
  'server-rising',
  'server-held',
  'server-released',
  'server-growing',
  'virtual-below-minimum',
  'virtual-minimum-restored',
  'config-loaded',
] as const);

/** What is known now, in milliseconds since 1970: of servers by their health, of pools as they were `kept`, of agents. */
export function policyStateOf(
  members: Members,
  kept: KeptStandings | null,
  now: number,
  agents: PolicyState['agents'] = new Map(),
): PolicyState {
  const servers = new Map<string, ServerState>();
  for (const [{ virtual, real }, known] of members.states(now))
    servers.set(subjectKey(subjectOf(virtual, real)), known);
  for (const [key, growsSince] of kept?.growing ?? []) servers.set(key, { ...servers.get(key), growsSince });
  for (const key of kept?.byMinimum ?? []) servers.set(key, { ...servers.get(key), kept: true });
  return { servers, below: kept?.below ?? new Set(), agents };
}

/** Of what the run before knew, what is about how pools stood. */
export function keptIn({ servers, below }: PolicyState): KeptStandings {
  const growing = [...servers].flatMap(([key, { growsSince }]): [string, number][] =>
    growsSince === undefined ? [] : [[key, growsSince]],
  );
  const byMinimum = [...servers].flatMap(([key, { kept }]) => (kept ? key : []));
  return { growing: new Map(growing), byMinimum: new Set(byMinimum), below };
}
