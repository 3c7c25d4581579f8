/** Why an operation failed, for the administrator. */

import { ExchangeFailure } from '../../netlink/connection.js';
import type { NetlinkAnswer } from '../../netlink/messages.js';
import { errnoName, reasonOf } from '../../netlink/reasons.js';
import type { Failure, Operation } from '../backend.js';
import { destinationKey, serviceKey } from '../table.js';

/** Null where the operation was carried out. */
export function failureOf(operation: Operation, result: NetlinkAnswer | ExchangeFailure): Failure | null {
  if (result instanceof ExchangeFailure) return silenceOf(operation, result);
  if (result.errno === 0) return null;
  const code = errnoName(result.errno);
  const sentence = sentenceOf(operation, code);
  const said = result.text === null ? '' : ` (the kernel says: ${result.text})`;
  return failure(operation, code, sentence === null ? reasonOf(result) : `${sentence}${said}`);
}

export function refusalOf(operation: Operation, reason: string): Failure {
  return failure(operation, 'EINVAL', reason);
}

/**
 * Lost answers are EAGAIN: each operation may or may not have been carried out, so that only a new look at the
 * table tells what is still to do. Asking again at once could answer EEXIST or ENOENT to what went well.
 */
function silenceOf(operation: Operation, { code, message }: ExchangeFailure): Failure {
  const name = code === 'ENOBUFS' ? 'EAGAIN' : code;
  const reason = `${message}; read the table again to see whether it was carried out`;
  return { ...failure(operation, name, reason), unanswered: true };
}

function failure(operation: Operation, code: string, reason: string): Failure {
  return { code, message: `${objectOf(operation)}: ${operation.type}: ${reason}` };
}

function objectOf(operation: Operation): string {
  const key = serviceKey(operation.service);
  return 'destination' in operation ? `${destinationKey(operation.destination)} in ${key}` : key;
}

function sentenceOf(operation: Operation, code: string): string | null {
  switch (code) {
    case 'EEXIST':
      return `the ${'destination' in operation ? 'destination' : 'service'} stands already`;
    case 'ESRCH':
      return 'no such service';
    case 'ENOENT':
      return absent(operation);
    case 'ERANGE':
      return outOfRange(operation);
    case 'EINVAL':
      return invalid(operation);
    case 'EAFNOSUPPORT':
    case 'EPROTONOSUPPORT':
      return 'IPVS in this kernel was built without this protocol or address family';
    case 'EPERM':
      return 'not permitted: it takes root or the capability CAP_NET_ADMIN';
    default:
      return null;
  }
}

/** The kernel answers ENOENT both for modules that it cannot load and for destinations that do not stand. */
function absent(operation: Operation): string {
  if (operation.type !== 'add-service' && operation.type !== 'edit-service') return 'no such destination';
  const { scheduler, persistenceEngine } = operation.service;
  const remedy = `modprobe ip_vs_${scheduler}`;
  return persistenceEngine
    ? `scheduler "${scheduler}" or persistence engine "${persistenceEngine}" is not in the kernel: ${remedy}, modprobe ip_vs_pe_${persistenceEngine}`
    : `scheduler "${scheduler}" is not in the kernel: ${remedy}`;
}

function outOfRange(operation: Operation): string | null {
  if (operation.type !== 'add-destination' && operation.type !== 'edit-destination') return null;
  const { weight, upperThreshold, lowerThreshold } = operation.destination;
  return weight < 0
    ? `weight ${weight} is below 0`
    : `lower threshold ${lowerThreshold} is above upper threshold ${upperThreshold}`;
}

/** What is known of the kernel's reasons to call a request invalid. */
function invalid(operation: Operation): string | null {
  if (operation.type === 'add-service' || operation.type === 'edit-service') {
    const { family, netmask } = operation.service;
    return family === 'inet6' && netmask === 0 ? 'a netmask of IPv6 has from 1 to 128 bits' : null;
  }
  if (operation.type !== 'add-destination' && operation.type !== 'edit-destination') return null;
  const { service, destination } = operation;
  const mixed = destination.address.includes(':') !== (service.family === 'inet6');
  if (mixed && destination.forward !== 'ipip') return `a destination of another address family has to be ipip`;
  if (mixed) return 'the kernel takes no destination of another address family while a synchronization daemon runs';
  return 'the kernel takes only unicast addresses of destinations, and tunnels only with the settings of their type';
}
