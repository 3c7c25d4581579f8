/** A table as another director wants it, as a text: what it sends, and what is read of it. */

import {
  type Destination,
  destinationKey,
  type Entry,
  type Service,
  type ServiceIdentity,
  serviceKey,
  type Table,
} from '../../ipvs/table.js';

export function tableText(table: Table): string {
  return JSON.stringify(
    [...table.values()].map(({ service, destinations }) => ({ service, destinations: [...destinations.values()] })),
  );
}

/** Throws an Error where it is none. */
export function tableIn(text: string): Table {
  const found: unknown = JSON.parse(text);
  if (!Array.isArray(found)) throw new Error('what it sent is no table');
  return new Map(found.map((entry: unknown) => entryIn(entry)));
}

function entryIn(value: unknown): [string, Entry] {
  const { service, destinations } = value as { service?: unknown; destinations?: unknown };
  if (!isService(service) || !Array.isArray(destinations) || !destinations.every(isDestination)) {
    throw new Error('what it sent is no table: is it of another version?');
  }
  const its = destinations.map((one: Destination): [string, Destination] => [destinationKey(one), one]);
  return [serviceKey(service), { service, destinations: new Map(its) }];
}

function isService(value: unknown): value is Service {
  if (typeof value !== 'object' || value === null) return false;
  const { scheduler, schedflags, persistent, netmask, ops } = value as Record<string, unknown>;
  const isSet = typeof scheduler === 'string' && Array.isArray(schedflags) && typeof ops === 'boolean';
  return isSet && [persistent, netmask].every((one) => typeof one === 'number') && isIdentity(value as Service);
}

function isIdentity(service: ServiceIdentity): boolean {
  if (service.family !== 'inet' && service.family !== 'inet6') return false;
  if (service.protocol === 'fwm') return Number.isInteger(service.mark);
  return ['tcp', 'udp', 'sctp'].includes(service.protocol) && isPlace(service);
}

function isPlace({ address, port }: { readonly address: unknown; readonly port: unknown }): boolean {
  return typeof address === 'string' && Number.isInteger(port);
}

function isDestination(value: unknown): value is Destination {
  if (typeof value !== 'object' || value === null) return false;
  const { forward, weight, upperThreshold, lowerThreshold } = value as Record<string, unknown>;
  const numbers = [weight, upperThreshold, lowerThreshold];
  return typeof forward === 'string' && numbers.every(Number.isInteger) && isPlace(value as Destination);
}
