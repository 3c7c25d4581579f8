/** A server by what people call it, wherever it stands: found in the status as the verbs find it in the configuration. */

import { namesOf } from '../overrides/server-names.js';
import type { Work } from '../slices.js';
import type { ServerStatus, Status, VirtualStatus } from './model.js';

export interface ServerPlace {
  readonly virtual: Pick<VirtualStatus, 'name' | 'called' | 'protocol' | 'family' | 'title'>;
  readonly status: ServerStatus;
}

/** `called`: address or name, with or without the port. */
export function* placesCalled(called: string, { virtuals }: Status): Work<readonly ServerPlace[]> {
  const wanted = called.toLowerCase();
  const places: ServerPlace[] = [];
  for (const { servers, ...of } of virtuals) {
    const virtual = { name: of.name, called: of.called, protocol: of.protocol, family: of.family, title: of.title };
    for (const status of servers) {
      if (isCalled(status, wanted)) places.push({ virtual, status });
      yield;
    }
  }
  return places;
}

function isCalled({ name, written }: ServerStatus, wanted: string): boolean {
  if (name === wanted) return true;
  const colon = name.lastIndexOf(':');
  const port = Number(name.slice(colon + 1));
  const address = name.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return namesOf({ host: { address, name: written }, port }).includes(wanted);
}
