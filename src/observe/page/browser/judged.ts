/** What the numbers mean: the state of a server and of a service, and what a filter finds. */

import type { FallbackStatus, ServerState, ServerStatus, StatusAnswer, VirtualStatus } from '../../http/shapes.js';
import { originText } from './words.js';

export type ServiceState = 'up' | 'some' | 'down';

export const serverWords: Readonly<Record<ServerState, string>> = {
  up: 'up',
  down: 'down',
  unknown: 'not checked',
  drained: 'drained',
  held: 'held',
  kept: 'kept in use',
  unused: 'not used',
};

export function upCount({ servers, whole }: VirtualStatus): number {
  return whole?.inUse ?? servers.filter(({ inUse }) => inUse).length;
}

/** Whether they are told of or not. */
export function serverCount({ servers, whole }: VirtualStatus): number {
  return whole?.servers ?? servers.length;
}

export function serviceState(virtual: VirtualStatus): ServiceState {
  if (!virtual.inUse) return 'down';
  return upCount(virtual) === serverCount(virtual) ? 'up' : 'some';
}

export function serviceWords(virtual: VirtualStatus): string {
  if (virtual.inUse) return serviceState(virtual) === 'up' ? 'up' : 'degraded';
  return virtual.fallback?.inUse ? 'fallback' : 'down';
}

/** Whether its address is announced, where it is to be. */
export function announcedWords({ announcement }: VirtualStatus): string[] {
  if (announcement === null) return [];
  const { announced, fault } = announcement;
  if (fault !== null) return ['cannot be announced'];
  if (announced === null) return ['not announced'];
  return [{ well: 'announced', ill: 'announced though not healthy', leaving: 'handed over' }[announced]];
}

/** As in addresses of the API and in links: `tcp/192.0.2.1:80`. */
export function serviceId({ protocol, family, name }: Pick<VirtualStatus, 'protocol' | 'family' | 'name'>): string {
  return `${protocol === 'fwm' && family === 'inet6' ? 'fwm6' : protocol}/${name}`;
}

/** Connections of all its servers, and of the fallbacks. */
export function activeOf({ servers, fallbacks, whole }: VirtualStatus): number {
  if (whole !== undefined) return whole.active;
  return [...servers, ...fallbacks].reduce((sum, { connections }) => sum + (connections?.active ?? 0), 0);
}

/** Whether there is more of the director than this answer has. */
export function isPart({ page, virtuals }: StatusAnswer): boolean {
  return (page?.next ?? null) !== null || virtuals.some(({ whole }) => whole !== undefined);
}

export interface Filter {
  /** Lower case; empty finds everything. */
  readonly text: string;
  readonly problemsOnly: boolean;
}

/** The services that a filter finds, each with the servers in it that it finds. */
export interface FoundService {
  readonly virtual: VirtualStatus;
  readonly servers: readonly ServerStatus[];
  readonly fallbacks: readonly FallbackStatus[];
}

export function filtered({ virtuals, at }: StatusAnswer, filter: Filter): FoundService[] {
  return virtuals.flatMap((virtual) => {
    if (filter.problemsOnly && serviceState(virtual) === 'up') return [];
    const shown = filter.problemsOnly ? virtual.servers.filter(({ state }) => state !== 'up') : virtual.servers;
    const others = filter.problemsOnly
      ? virtual.fallbacks.filter((one) => fallbackUse(one) !== 'waits')
      : virtual.fallbacks;
    if (filter.text === '') return [{ virtual, servers: shown, fallbacks: others }];
    const isService = matches(filter, `${serviceId(virtual)} ${virtual.called} ${virtual.title ?? ''}`);
    if (isService) return [{ virtual, servers: shown, fallbacks: others }];
    const isFound = (server: ServerStatus): boolean => {
      return matches(filter, `${server.name} ${server.called} ${reasonOf(server, at)}`);
    };
    const [servers, fallbacks] = [shown.filter(isFound), others.filter(isFound)];
    return servers.length > 0 || fallbacks.length > 0 ? [{ virtual, servers, fallbacks }] : [];
  });
}

export type FallbackUse = 'serves' | 'waits' | 'down';

export const fallbackWords: Readonly<Record<FallbackUse, string>> = { serves: 'in use', waits: 'waits', down: 'down' };

export function fallbackUse({ up, inUse }: FallbackStatus): FallbackUse {
  if (!up) return 'down';
  return inUse ? 'serves' : 'waits';
}

export function matches({ text }: Pick<Filter, 'text'>, where: string): boolean {
  return where.toLowerCase().includes(text);
}

/** What decides against its checks whether it is in use, where anything does: `minhealthy`, or the votes of directors. */
export function beyondChecksText({ byMinimum, vote, inUse }: ServerStatus): string | null {
  if (!byMinimum && vote === null) return null;
  const use = `${inUse ? 'kept in' : 'out of'} use`;
  if (vote === null) return `${use} below minhealthy`;
  const { up, directors } = vote;
  return `${use} by the vote (${up} of ${directors} directors ${up === 1 ? 'sees' : 'see'} it up)`;
}

/** Why it is as it is: what people do comes before what checks say. */
export function reasonOf(server: ServerStatus, now: number): string {
  const { configured, weighed, flapping, hindered, stale, reason } = server;
  const silent = hindered === null ? null : `no verdict now: ${hindered}`;
  const kept = beyondChecksText(server);
  const grown = weighed?.grown ? `slow start, ${weighed.grown.percent} % of its weight` : null;
  const named = weighed?.from === 'agent' ? `weight ${weighed.base} by its agent (${configured} in the file)` : null;
  const shared = weighed && weighed.share !== 100 ? `${weighed.share} % of its weight by its agent` : null;
  const flaps = flapping === null ? null : `flaps, ${flapping.changes} changes in the last minute`;
  return [heldText(server, now), kept, named, shared, grown, flaps, stale, silent, reason]
    .filter((part) => part !== null)
    .join('; ');
}

/** By what it is held, who asked for that, when and why. */
export function heldText({ held, hold }: ServerStatus, now: number): string | null {
  if (hold === null) return held;
  return `${hold.reason}${originText(hold, now)}${hold.note === null ? '' : `; ${hold.note}`}`;
}
