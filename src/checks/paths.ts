/** Which checks go as IPVS forwards, and by which paths. */

import { type CheckPath, type CheckPaths, givePaths, noPaths, type PathEnd, pathKey } from '../model/check-path.js';
import type { Config, RealServer, Virtual } from '../model/config.js';
import { addressedBy } from '../model/endpoint.js';
import { settle } from './check.js';

/** The paths of a configuration, given once: nothing in it changes. */
export type PathsOf = (config: Config) => CheckPaths;

/** Of the instance of this name. */
export function pathsFor(instance: string): PathsOf {
  const given = new WeakMap<Config, CheckPaths>();
  return (config) => {
    const known = given.get(config);
    if (known !== undefined) return known;
    const ends = config.virtuals.flatMap(endsIn);
    const paths = ends.length === 0 ? noPaths : givePaths(instance, ends);
    given.set(config, paths);
    return paths;
  };
}

/** The one of a real server; null where its check goes to its own address. */
export function pathOf(paths: CheckPaths, virtual: Virtual, real: RealServer): CheckPath | null {
  const end = paths.size === 0 ? null : endOf(virtual, real);
  return end && (paths.get(pathKey(end)) ?? null);
}

function endsIn(virtual: Virtual): PathEnd[] {
  if (virtual.checkpath === 'direct' || settle(virtual) !== null) return [];
  return virtual.realServers.flatMap((real) => endOf(virtual, real) ?? []);
}

function endOf({ checkpath, family, endpoint }: Virtual, { host, forward }: RealServer): PathEnd | null {
  if (checkpath === 'direct' || forward === 'masq' || addressedBy(endpoint) === null) return null;
  return host.address === null ? null : { family, address: host.address, forward };
}
