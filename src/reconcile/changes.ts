/** What an applied operation means in the words of the log. */

import type { Operation } from '../ipvs/backend.js';
import type { Place } from '../ipvs/place.js';
import { destinationKey, type ObservedTable } from '../ipvs/table.js';
import { isPathMark, markText } from '../model/check-path.js';
import type { Protocol } from '../model/config.js';
import { type Subject, type VirtualSubject, withNames } from '../model/subject.js';
import type { Desired, DesiredEntry, Named } from './desired.js';

/** When a purge happens: on taking over a table (at start and at reload), or on leaving it. */
export type Phase = 'start' | 'stop';

export type Change =
  | (VirtualSubject & {
      readonly object: 'virtual';
      readonly action: 'added' | 'changed' | 'purged';
      readonly phase: Phase;
    })
  | (Subject & {
      readonly object: Named['role'];
      readonly action: 'added' | 'readded' | 'restored' | 'weighed' | 'quiescent' | 'deleted' | 'purged';
      /** Where it stands in the table: `10.0.0.1:80`, perhaps `10.0.0.1:80 mapped from 10.0.0.1:8080`. */
      readonly name: string;
      readonly weight: number;
      readonly phase: Phase;
    });

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
  const service = subjectOf(operation, entry);
  switch (operation.type) {
    case 'add-service':
      return { ...service, object: 'virtual', action: 'added', phase };
    case 'edit-service':
      return { ...service, object: 'virtual', action: 'changed', phase };
    case 'delete-service':
      return { ...service, object: 'virtual', action: 'purged', phase };
    default: {
      const destination = place.destination ?? '';
      const named = entry?.named.get(destination);
      const weight = operation.type === 'delete-destination' ? 0 : operation.destination.weight;
      const server = {
        ...withNames(service, entry?.called ?? null, named?.called ?? null),
        object: named?.role ?? 'real',
        server: named?.server ?? destination,
        name: named?.name ?? destination,
        weight,
        phase,
      } as const;
      if (operation.type === 'add-destination') {
        const readded = weight === 0 && left.get(key)?.destinations.get(destination)?.weight === 0;
        return { ...server, action: readded ? 'readded' : 'added' };
      }
      if (operation.type === 'edit-destination') {
        const standing = before.get(key)?.destinations.get(destination)?.weight;
        if (weight === 0 && standing !== 0) return { ...server, action: 'quiescent' };
        return { ...server, action: standing && entry?.moving.has(destination) ? 'weighed' : 'restored' };
      }
      // A server that the file names went for its health, any other, or any at the end, because it is not wanted.
      return { ...server, action: named && phase === 'start' ? 'deleted' : 'purged' };
    }
  }
}

function subjectOf(operation: Operation, entry: Pick<DesiredEntry, 'name' | 'called'> | undefined): VirtualSubject {
  const { family, protocol } = operation.service;
  // No file can ask for SCTP, and what it does not name is left alone.
  const subject = { family, protocol: protocol as Protocol, virtual: entry?.name ?? nameOf(operation) };
  return withNames(subject, entry?.called ?? null, null);
}

/** Whether it is about what carries checks alone. What the file no longer names is known by its mark. */
export function isOfPath({ service }: Operation, { service: key }: Place, wanted: Desired): boolean {
  const entry = wanted.get(key);
  return entry === undefined ? service.protocol === 'fwm' && isPathMark(service.mark) : entry.isPath === true;
}

/** The operation's virtual as the log names it. */
export function nameOf({ service }: Operation): string {
  if (service.protocol !== 'fwm') return destinationKey(service);
  return isPathMark(service.mark) ? `check path ${markText(service.mark)}` : String(service.mark);
}

/** The operation's object as the log names it. */
export function objectOf(operation: Operation): string {
  const virtual = nameOf(operation);
  return 'destination' in operation ? `${destinationKey(operation.destination)} (${virtual})` : virtual;
}
