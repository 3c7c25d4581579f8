/** Which virtual of the configuration an event speaks of. */

import type { Config, Virtual } from '../config/model.js';
import { endpointName, serverName } from '../config/names.js';

export interface Subject {
  readonly virtual: string;
  readonly protocol: string;
  readonly server?: string;
}

/** By protocol and name. Marks of both families share a name: then the one that has the server. */
export type FindVirtual = (subject: Subject) => Virtual | undefined;

export function virtualFinder(config: Config): FindVirtual {
  const byName = new Map<string, Virtual[]>();
  for (const virtual of config.virtuals) {
    const key = subjectKey({ virtual: endpointName(virtual.endpoint), protocol: virtual.endpoint.protocol });
    byName.set(key, [...(byName.get(key) ?? []), virtual]);
  }
  return (subject) => {
    const { protocol, virtual, server } = subject;
    const found = byName.get(subjectKey({ protocol, virtual })) ?? [];
    if (found.length < 2) return found[0];
    return found.find(({ realServers }) => realServers.some((real) => serverName(real) === server)) ?? found[0];
  };
}

export function subjectKey({ protocol, virtual, server }: Subject): string {
  return server === undefined ? `${protocol} ${virtual}` : `${protocol} ${virtual} ${server}`;
}
