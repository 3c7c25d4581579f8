/** Finding servers by what people call them. */

import type { Config, RealServer, Virtual } from '../model/config.js';
import { endpointName } from '../model/names.js';
import { isFallback, isNamed } from '../model/subject.js';
import { atOnce, type Work } from '../slices.js';
import { nameByHand } from './by-hand.js';
import { anyCalled } from './server-names.js';

/** A server as a file in `maintenancedir` is called, in one virtual or in all. */
export interface NamedServer {
  readonly server: string;
  /** `ADDRESS:PORT` or a firewall mark; null is every virtual. */
  readonly virtual: string | null;
}

/** A real server, or a fallback, in a virtual. */
export interface Place {
  readonly virtual: Virtual;
  readonly real: RealServer;
}

/** What was asked is understood and is not done. */
export class SteeringRefusal extends Error {
  readonly code: 'no-such-server' | 'refused' | 'last-server';

  constructor(code: SteeringRefusal['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Names that an error lists. */
const longestList = 8;

/** Real servers, at least one. Throws a SteeringRefusal where there is none. */
export function* findPlaces(config: Config, target: NamedServer): Work<readonly Place[]> {
  const places = yield* findAllPlaces(config, target);
  const reals = places.filter(({ real }) => !isFallback(real));
  if (reals.length > 0) return reals;
  const [fallback] = places;
  const where = fallback === undefined ? '' : ` of ${endpointName(fallback.virtual.endpoint)}`;
  const message = `'${target.server}' is a fallback${where}: only real servers are drained and weighed by hand`;
  throw new SteeringRefusal('no-such-server', message);
}

/** The same with the fallbacks that are called so, each after the real servers of its virtual. */
export function allPlacesOf(config: Config, target: NamedServer): readonly Place[] {
  return atOnce(findAllPlaces(config, target));
}

/** The same as work that can be interrupted. */
export function* findAllPlaces({ virtuals }: Config, { server, virtual }: NamedServer): Work<readonly Place[]> {
  const named = virtuals.filter((some) => virtual === null || isNamed(some, virtual));
  if (named.length === 0) throw new SteeringRefusal('no-such-server', `no virtual service is called '${virtual}'`);
  const isMeant = anyCalled([server]);
  const places: Place[] = [];
  for (const some of named) {
    for (const real of some.realServers) if (isMeant(real)) places.push({ virtual: some, real });
    for (const real of some.fallbacks) if (isMeant(real)) places.push({ virtual: some, real });
    yield;
  }
  if (places.length > 0) return places;
  const names = [...new Set(named.flatMap((some) => some.realServers.map(nameByHand)))];
  const more = names.length > longestList ? `, and ${names.length - longestList} more` : '';
  const known = names.length > 0 ? `there are ${names.slice(0, longestList).join(', ')}${more}` : 'there is none';
  throw new SteeringRefusal('no-such-server', `no real server is called '${server}'; ${known}`);
}
