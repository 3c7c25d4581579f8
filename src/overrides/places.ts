/** Finding servers by what people call them. */

import type { Config, RealServer, Virtual } from '../model/config.js';
import { isNamed } from '../model/subject.js';
import { nameByHand } from './by-hand.js';
import { isCalled } from './server-names.js';

/** A server as a file in `maintenancedir` is called, in one virtual or in all. */
export interface NamedServer {
  readonly server: string;
  /** `ADDRESS:PORT` or a firewall mark; null is every virtual. */
  readonly virtual: string | null;
}

/** A real server in a virtual. */
export interface Place {
  readonly virtual: Virtual;
  readonly real: RealServer;
}

/** What was asked is understood and is not done. */
export class SteeringRefusal extends Error {
  readonly code: 'no-such-server' | 'refused';

  constructor(code: SteeringRefusal['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Names that an error lists. */
const longestList = 8;

/** At least one. Throws a SteeringRefusal where there is none. */
export function placesOf({ virtuals }: Config, { server, virtual }: NamedServer): readonly Place[] {
  const named = virtuals.filter((some) => virtual === null || isNamed(some, virtual));
  if (named.length === 0) throw new SteeringRefusal('no-such-server', `no virtual service is called '${virtual}'`);
  const places = named.flatMap((some) =>
    some.realServers.filter((real) => isCalled(real, server)).map((real) => ({ virtual: some, real })),
  );
  if (places.length > 0) return places;
  const names = [...new Set(named.flatMap((some) => some.realServers.map(nameByHand)))];
  const more = names.length > longestList ? `, and ${names.length - longestList} more` : '';
  const known = names.length > 0 ? `there are ${names.slice(0, longestList).join(', ')}${more}` : 'there is none';
  throw new SteeringRefusal('no-such-server', `no real server is called '${server}'; ${known}`);
}
