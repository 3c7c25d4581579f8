/** How the servers of a virtual stood at the decision before, or in the run before. */

import type { Config, RealServer, Virtual } from '../../model/config.js';
import { serverName } from '../../model/names.js';
import { keyOfVirtual } from '../../model/subject.js';
import type { PoolBefore } from './minimum.js';
import { isServing } from './standing.js';
import type { Standings } from './standings.js';

/** How the servers of a virtual stood before; null where there was no such virtual. */
export type PoolsBefore = (virtual: Virtual) => PoolBefore | null;

/** How the servers of a virtual stood before, whatever objects the configuration had for them. */
export function poolsOf(before: Standings, config: Config): PoolsBefore {
  if (before.config === config) {
    return (virtual) => {
      const standings = before.of.get(virtual) ?? [];
      return { ...stateOf(virtual, before), gone: 0, of: (index) => standings[index] };
    };
  }
  let virtuals: ReadonlyMap<string, Virtual> | null = null;
  return (virtual) => {
    virtuals ??= new Map(before.config.virtuals.map((one) => [keyOfVirtual(one), one]));
    const earlierOne = virtuals.get(keyOfVirtual(virtual));
    if (earlierOne === undefined) return null;
    const standings = before.of.get(earlierOne) ?? [];
    const byName = new Map(earlierOne.realServers.map((real, index) => [serverName(real), standings[index]]));
    const left = new Set(virtual.realServers.map(serverName));
    return {
      ...stateOf(earlierOne, before),
      gone: [...byName].filter(([name, standing]) => standing && isServing(standing) && !left.has(name)).length,
      of: (index) => byName.get(serverName(virtual.realServers[index] as RealServer)),
    };
  };
}

function stateOf(virtual: Virtual, { below, settled }: Standings): Omit<PoolBefore, 'of' | 'gone'> {
  return { isBelow: below.has(virtual), isSettled: settled.has(virtual) };
}
