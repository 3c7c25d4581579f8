/** What of the wanted table does not stand, or stands otherwise, and why. */

import type { Operation } from '../ipvs/backend.js';
import { placeOf } from '../ipvs/place.js';
import { destinationKey, serviceKey } from '../ipvs/table.js';
import type { RealServer, Virtual } from '../model/config.js';
import { objectOf } from './changes.js';
import { destinationOf, serviceOf } from './desired.js';

export interface Missing {
  /** Key of the service; null where nothing is known of any. */
  readonly service: string | null;
  /** Key of the destination; null where the service itself is meant, or everything. */
  readonly destination: string | null;
  /** As the log names it. */
  readonly object: string;
  readonly reason: string;
}

/** An operation that has not been carried out yet. */
export function missingFor(operation: Operation, reason: string): Missing {
  return { ...placeOf(operation), object: objectOf(operation), reason };
}

/** Whether it keeps a destination from standing as it is wanted. */
export function concerns(missing: Missing, service: string, destination: string): boolean {
  if (missing.service !== null && missing.service !== service) return false;
  return missing.destination === null || missing.destination === destination;
}

/** A sentence each, and how many more there are than these. */
export function missingWords(missing: readonly Missing[], most = 20): string[] {
  const words = missing.slice(0, most).map(({ object, reason }) => `${object}: ${reason}`);
  return missing.length > most ? [...words, `and ${missing.length - most} more`] : words;
}

/** Keys of the services that these virtuals are. */
export function servicesOf(places: readonly { readonly virtual: Virtual }[]): ReadonlySet<string> {
  const services = places.map(({ virtual }) => serviceOf(virtual)).filter((service) => service !== null);
  return new Set(services.map(serviceKey));
}

/** Of real servers in their virtuals: what keeps each from standing as it is wanted, or null. */
export function missingAt(
  places: readonly { readonly virtual: Virtual; readonly real: RealServer }[],
  missing: readonly Missing[],
): readonly (string | null)[] {
  return places.map(({ virtual, real }) => {
    const [service, destination] = [serviceOf(virtual), destinationOf(virtual, real)];
    // What has no address has no place in the table.
    if (service === null || destination === null) return null;
    const keys = [serviceKey(service), destinationKey(destination)] as const;
    const found = missing.find((some) => concerns(some, ...keys));
    return found === undefined ? null : `${found.object}: ${found.reason}`;
  });
}
