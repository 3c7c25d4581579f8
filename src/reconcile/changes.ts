/** What an applied operation means in the words of the log. */

import type { Operation } from '../ipvs/backend.js';
import type { Place } from '../ipvs/place.js';
import { destinationKey, type ObservedTable, type ServiceIdentity } from '../ipvs/table.js';
import type { Desired, Named } from './desired.js';

/** When a purge happens: on taking over a table (at start and at reload), or on leaving it. */
export type Phase = 'start' | 'stop';

export type Change =
  | {
      readonly object: 'virtual';
      readonly action: 'added' | 'changed' | 'purged';
      readonly virtual: string;
      readonly protocol: ServiceIdentity['protocol'];
      readonly phase: Phase;
    }
  | {
      readonly object: Named['role'];
      readonly action: 'added' | 'readded' | 'restored' | 'quiescent' | 'deleted' | 'purged';
      readonly virtual: string;
      readonly protocol: ServiceIdentity['protocol'];
      readonly server: string;
      readonly weight: number;
      readonly phase: Phase;
    };

export interface Context {
  /** The table before the operation. */
  readonly before: ObservedTable;
  readonly wanted: Desired;
  /** What was wanted in the round before. */
  readonly left: Desired;
  readonly phase: Phase;
}

export function describeChange(operation: Operation, place: Place, { before, wanted, left, phase }: Context): Change {
  const { service: key } = place;
  const entry = wanted.get(key);
  const virtual = entry?.name ?? nameOf(operation);
  const { protocol } = operation.service;
  switch (operation.type) {
    case 'add-service':
      return { object: 'virtual', action: 'added', virtual, protocol, phase };
    case 'edit-service':
      return { object: 'virtual', action: 'changed', virtual, protocol, phase };
    case 'delete-service':
      return { object: 'virtual', action: 'purged', virtual, protocol, phase };
    default: {
      const destination = place.destination ?? '';
      const named = entry?.named.get(destination);
      const weight = operation.type === 'delete-destination' ? 0 : operation.destination.weight;
      const server = {
        object: named?.role ?? 'real',
        virtual,
        protocol,
        server: named?.name ?? destination,
        weight,
        phase,
      };
      if (operation.type === 'add-destination') {
        const readded = weight === 0 && left.get(key)?.destinations.get(destination)?.weight === 0;
        return { ...server, action: readded ? 'readded' : 'added' };
      }
      if (operation.type === 'edit-destination') {
        const standing = before.get(key)?.destinations.get(destination)?.weight;
        return { ...server, action: weight === 0 && standing !== 0 ? 'quiescent' : 'restored' };
      }
      // A server that the file names went for its health, any other, or any at the end, because it is not wanted.
      return { ...server, action: named && phase === 'start' ? 'deleted' : 'purged' };
    }
  }
}

/** The operation's virtual as the log names it. */
export function nameOf({ service }: Operation): string {
  return service.protocol === 'fwm' ? String(service.mark) : destinationKey(service);
}

/** The operation's object as the log names it. */
export function objectOf(operation: Operation): string {
  const virtual = nameOf(operation);
  return 'destination' in operation ? `${destinationKey(operation.destination)} (${virtual})` : virtual;
}
