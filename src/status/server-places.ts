/** A server by what people call it, wherever it stands: found in the status as the verbs find it in the configuration. */

import { namesOf } from '../overrides/server-names.js';
import type { ServerStatus, VirtualStatus } from './model.js';
import type { Selection } from './selection.js';
import type { StatusStream } from './streamed.js';

export interface ServerPlace {
  readonly virtual: Pick<VirtualStatus, 'name' | 'called' | 'protocol' | 'family' | 'title'>;
  readonly status: ServerStatus;
}

/** All servers of a service, each with what tells the service. */
export function placesIn({ servers, ...of }: VirtualStatus): readonly ServerPlace[] {
  const virtual = { name: of.name, called: of.called, protocol: of.protocol, family: of.family, title: of.title };
  return servers.map((status) => ({ virtual, status }));
}

/** `called`: address or name, with or without the port. Rejects as `stream` does. */
export async function placesCalled(
  called: string,
  stream: (selection: Selection) => Promise<Pick<StatusStream, 'virtuals'>>,
): Promise<readonly ServerPlace[]> {
  const wanted = called.toLowerCase();
  const { virtuals } = await stream({ server: called });
  const places: ServerPlace[] = [];
  for await (const virtual of virtuals) {
    for (const place of placesIn(virtual)) if (isCalled(place.status, wanted)) places.push(place);
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
