/**
 * What is refused, decided from the table and from what the backend can do. Every backend that keeps its own table asks
 * here first, so that all of them answer as the kernel does. The order of the questions is the kernel's too: the
 * service, the numbers of the destination, then whether the destination stands.
 */

import { isIP } from 'node:net';
import { isUnicast } from './address.js';
import type { Failure, Operation } from './backend.js';
import type { Capabilities } from './capabilities.js';
import { schedulerFlagBits } from './scheduler-flags.js';
import { type Destination, destinationKey, type Service, serviceKey } from './table.js';

/** As much of a table as the answers depend on: services by key, and which destinations each has. */
export type PresentEntries = ReadonlyMap<string, { readonly destinations: { has(key: string): boolean } }>;

/**
 * Why the operation cannot be carried out on this table, null where it can. A service that does not stand is
 * ESRCH whatever is asked of it, a destination that does not stand ENOENT: the kernel tells the two apart.
 */
export function refusal(standing: PresentEntries, operation: Operation, can: Capabilities): Failure | null {
  const key = serviceKey(operation.service);
  const entry = standing.get(key);
  if (operation.type === 'add-service') {
    return entry ? failure('EEXIST', `${key}: add: the service stands already`) : refusedService(operation, can);
  }
  if (!entry) return failure('ESRCH', `${key}: ${operation.type}: no such service`);
  if (operation.type === 'edit-service') return refusedService(operation, can);
  if (operation.type === 'delete-service') return null;

  const name = `${destinationKey(operation.destination)} in ${key}`;
  if (operation.type !== 'delete-destination') {
    const wrong = destinationRefusal(operation.destination);
    if (wrong) return failure(wrong.code, `${name}: ${operation.type}: ${wrong.message}`);
  }
  const stands = entry.destinations.has(destinationKey(operation.destination));
  if (operation.type === 'add-destination') {
    return stands ? failure('EEXIST', `${name}: add: the destination stands already`) : null;
  }
  return stands ? null : failure('ENOENT', `${name}: ${operation.type}: no such destination`);
}

function refusedService(
  { service, type }: Extract<Operation, { type: 'add-service' | 'edit-service' }>,
  can: Capabilities,
): Failure | null {
  const key = serviceKey(service);
  const wrong = serviceRefusal(service);
  const verb = type === 'add-service' ? 'add' : 'edit';
  if (wrong) return failure(wrong.code, `${key}: ${verb}: ${wrong.message}`);
  const lacking = unsupported(service, can);
  return lacking && failure(lacking.code, `${key}: ${lacking.message}`);
}

/** What of a service this backend does not have, with the phase in which that matters; null where it has all of it. */
export function unsupported(service: Service, { name, ...can }: Capabilities): Failure | null {
  const isMark = service.protocol === 'fwm';
  if (isMark ? !can.marks : service.port === 0 && !can.everyPort) {
    const what = isMark ? 'a firewall mark' : 'port 0 (every port)';
    const why = `the ${name} balancer has to listen to an address and a port, and ${what} names none`;
    return failure('ENOTSUP', `listen: ${why}; use the kernel backend`);
  }
  const { scheduler } = service;
  if (can.moreSchedulers || can.schedulers.includes(scheduler)) return null;
  // The kernel's answer where the module ip_vs_NAME is missing.
  return failure('ENOENT', `scheduler ${scheduler}: the ${name} balancer has only ${can.schedulers.join(', ')}`);
}

/** What is wrong with the service itself, whatever the table holds; null where nothing is. */
export function serviceRefusal(service: Service): Failure | null {
  try {
    schedulerFlagBits(service.scheduler, service.schedflags);
  } catch (error) {
    return failure('EINVAL', (error as RangeError).message);
  }
  if (service.protocol === 'fwm') return null;
  if (isIP(service.address) !== (service.family === 'inet6' ? 6 : 4)) {
    return failure('EINVAL', `not an address of family ${service.family}`);
  }
  return isPort(service.port) ? null : failure('EINVAL', 'not a port');
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 65_535;
}

/** What is wrong with the destination itself, whatever the table holds; null where nothing is. */
export function destinationRefusal(destination: Destination): Failure | null {
  if (isIP(destination.address) === 0) return failure('EINVAL', 'not an address');
  if (!isPort(destination.port)) return failure('EINVAL', 'not a port');
  if (destination.weight < 0) return failure('ERANGE', `weight ${destination.weight} is below 0`);
  if (destination.lowerThreshold > destination.upperThreshold) {
    return failure(
      'ERANGE',
      `lower threshold ${destination.lowerThreshold} is above upper threshold ${destination.upperThreshold}`,
    );
  }
  return isUnicast(destination.address) ? null : failure('EINVAL', 'not a unicast address');
}

function failure(code: string, message: string): Failure {
  return { code, message };
}
