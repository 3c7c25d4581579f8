/** Where in a table an operation has its effect. */

import type { Operation } from './backend.js';
import { destinationKey, serviceKey } from './table.js';

/** Keys; no destination where the service itself is meant. */
export interface Place {
  readonly service: string;
  readonly destination: string | null;
}

export function placeOf(operation: Operation): Place {
  return placeIn(serviceKey(operation.service), operation);
}

/** The same of many operations, of which most are about the service of the one before. */
export function placer(): (operation: Operation) => Place {
  let last: Operation['service'] | null = null;
  let key = '';
  return (operation) => {
    if (operation.service !== last) {
      last = operation.service;
      key = serviceKey(last);
    }
    return placeIn(key, operation);
  };
}

function placeIn(service: string, operation: Operation): Place {
  return { service, destination: 'destination' in operation ? destinationKey(operation.destination) : null };
}
