/** Which virtual services something that is asked for would take the last server from: intent is obeyed, but asked twice. */

import type { Virtual } from '../../model/config.js';
import { endpointName, serverName } from '../../model/names.js';
import { keyOfVirtual } from '../../model/subject.js';
import type { Standing } from './standing.js';
import type { Standings } from './standings.js';
import { services } from './use.js';

/** Services and servers that are named. */
const longestList = 4;

/**
 * A sentence about those of these virtuals, with all of one key among them, that somebody serves before and nobody after;
 * null where there are none.
 */
export function lastServersLost(
  before: Standings,
  after: Standings,
  virtuals: Iterable<Virtual> = before.config.virtuals,
): string | null {
  const among = [...virtuals];
  const then = services(among, after.of);
  const lost = [...services(among, before.of)].flatMap(([key, { servers }]) => {
    const left = then.get(key)?.servers ?? [];
    return servers.some(serves) && !left.some(serves) ? [lossOf(key, left, before)] : [];
  });
  return lost.length === 0 ? null : join(lost);
}

/** Several virtuals may make up the service. */
function lossOf(key: string, left: readonly Standing[], { config, of, serving }: Standings): string {
  const own = config.virtuals.filter((virtual) => keyOfVirtual(virtual) === key);
  const names = own.flatMap((virtual) => {
    const standings = of.get(virtual) ?? [];
    return virtual.realServers.filter((_, index) => serves(standings[index])).map(serverName);
  });
  // A fallback comes in where no server is in use, and one of weight 0 by the file is.
  const isEmpty = !left.some(({ place }) => place === 'in use');
  const instead = isEmpty && own.some((virtual) => serving.has(virtual)) ? 'its fallback' : 'nobody';
  const are = names.length === 1 ? 'is the last server' : 'are the last servers';
  const service = own[0] === undefined ? key : endpointName(own[0].endpoint);
  return `${join(names)} ${are} in use of ${service}; ${instead} would answer`;
}

/** Whether new connections come to it. */
function serves(standing: Standing | undefined): boolean {
  return standing !== undefined && standing.place === 'in use' && standing.weight > 0;
}

function join(parts: readonly string[]): string {
  const more = parts.length > longestList ? [`${parts.length - longestList} more`] : [];
  const all = [...parts.slice(0, longestList), ...more];
  return all.length === 1 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}
