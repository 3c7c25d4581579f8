/** The services of the table that carry checks alone: one for each path, with the one real server that it leads to. */

import { type Destination, destinationKey, type Entry, type Service, serviceKey } from '../ipvs/table.js';
import { type CheckPath, type CheckPaths, isOwnMark, isPathMark, markText } from '../model/check-path.js';
import type { Desired, DesiredEntry } from './desired.js';

const made = new WeakMap<CheckPaths, Desired>();
const nothing: Desired = new Map();

/** The same objects for the same paths, so that at most decisions there is nothing new in them. */
export function pathServices(paths: CheckPaths): Desired {
  if (paths.size === 0) return nothing;
  const known = made.get(paths);
  if (known !== undefined) return known;
  const services = new Map([...paths.values()].map((path) => [pathServiceKey(path), entryOf(path)]));
  made.set(paths, services);
  return services;
}

export function pathServiceKey({ family, mark }: Pick<CheckPath, 'family' | 'mark'>): string {
  return serviceKey({ protocol: 'fwm', family, mark });
}

/** Whether an instance of this name left it behind, if only half of it. */
export function isLeftBehind(instance: string, { service, destinations }: Entry): boolean {
  if (service.protocol !== 'fwm' || !isPathMark(service.mark)) return false;
  const { mark, family } = service;
  return [...destinations.values()].every(({ address, forward }) => {
    return (forward === 'gate' || forward === 'ipip') && isOwnMark(instance, mark, { family, address, forward });
  });
}

function entryOf(path: CheckPath): DesiredEntry {
  const { family, mark, address, forward } = path;
  const service: Service = {
    protocol: 'fwm',
    mark,
    family,
    scheduler: 'rr',
    schedflags: [],
    persistent: 0,
    netmask: family === 'inet6' ? 128 : 32,
    // The kernel keeps where it sent a UDP port for minutes, by whatever mark: the next probe from there can be another's.
    ops: true,
  };
  // Port 0 is the port that the packet has.
  const destination: Destination = { address, port: 0, forward, weight: 1, upperThreshold: 0, lowerThreshold: 0 };
  const key = destinationKey(destination);
  const name = `check path ${markText(mark)}`;
  return {
    name,
    isPath: true,
    service,
    cleanstop: true,
    destinations: new Map([[key, destination]]),
    named: new Map([[key, { role: 'real', server: key, name: key }]]),
    whole: true,
    removable: new Set(),
    moving: new Set(),
  };
}
